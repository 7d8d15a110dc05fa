// SPDX-License-Identifier: Apache-2.0

const hidden = '[secret]';

/** What looks like a secret in a log, with what may stay of it. Kept simple: a word too many is no harm. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    hidden,
  ],
  // JSON Web Tokens, those of service accounts too.
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, hidden],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, `$1 ${hidden}`],
  // https://name:password@host
  [
    /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{0,100}):[^\s@/]{1,200}@/gi,
    `$1:${hidden}@`,
  ],
  // password=…, "apiKey": "…", --token …
  [
    /((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|credential|authorization)[A-Za-z0-9_-]{0,20}["']?\s{0,3}[:=]\s{0,3}["']?)[^\s"',;&}]{1,500}/gi,
    `$1${hidden}`,
  ],
  [/(--(?:password|secret|token|api-key)\s{1,3})\S{1,500}/gi, `$1${hidden}`],
  // Well-known kinds of keys.
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, hidden],
  [/\bgh[pousr]_[A-Za-z0-9]{30,}\b/g, hidden],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/g, hidden],
];

/** A text without what looks like a secret, and without characters that do more than show. */
export function redactSecrets(text: string): string {
  const plain = text
    // Colours and cursor movements of terminals.
    .replace(/\p{Cc}\[[0-9;?]{0,20}[ -/]?[@-~]/gu, '')
    // What changes the direction of a text, hides in it, or steers a terminal.
    .replace(/(?![\t\n\r])[\p{Cc}\p{Cf}]/gu, '\ufffd');
  return patterns.reduce(
    (rest, [pattern, replacement]) => rest.replace(pattern, replacement),
    plain,
  );
}
