// SPDX-License-Identifier: Apache-2.0
import { parseAllDocuments } from 'yaml';

/** GitHub's own contexts, which stay for GitHub to fill in. */
const github =
  /\$\{\{ ?!?\(?(github|matrix|needs|steps|vars|secrets|env|inputs)\.[^}]*\}\}/g;
const secretLike = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\bAKIA[0-9A-Z]{16}\b/,
  /\bgh[pousr]_[A-Za-z0-9]{30,}\b/,
  /\beyJ[A-Za-z0-9_-]{20,}\.eyJ/,
  /\b(password|secret|token)\s*[:=]\s*["'][^"'$\s]{8,}["']/i,
];

/** What is wrong with the texts of a repository, one sentence each. */
export function textProblems(
  files: ReadonlyMap<string, string>,
): readonly string[] {
  return [...files].flatMap(([path, text]) => [
    ...placeholderProblems(path, text),
    ...syntaxProblems(path, text),
    ...secretLike
      .filter(pattern => pattern.test(text))
      .map(pattern => `${path} holds what looks like a secret: ${pattern}`),
    ...(text.endsWith('\n') || text === ''
      ? []
      : [`${path} does not end with a line break`]),
    ...(/[ \t]$/m.test(text) && !path.endsWith('.md')
      ? [`${path} has spaces at the end of a line`]
      : []),
    ...(/\n\n\n/.test(text) && path.startsWith('deploy/')
      ? [`${path} has empty lines that a placeholder left`]
      : []),
  ]);
}

function placeholderProblems(path: string, text: string): readonly string[] {
  const rest = path.startsWith('.github/') ? text.replaceAll(github, '') : text;
  const left =
    /\$\{\{[^}]*\}\}|\{%[^%]*%\}|\bundefined\b|\[object Object\]/.exec(
      // JavaScript may well say `undefined`.
      /\.[cm]?[jt]sx?$/.test(path) ? rest.replaceAll('undefined', '') : rest,
    );
  return left ? [`${path} still holds ${left[0]}`] : [];
}

function syntaxProblems(path: string, text: string): readonly string[] {
  if (/\.ya?ml$/.test(path)) {
    const documents = parseAllDocuments(text);
    return documents.flatMap(document =>
      [...document.errors, ...document.warnings].map(
        ({ message }) => `${path}: ${message}`,
      ),
    );
  }
  const isJson = path.endsWith('.json') && !path.startsWith('tsconfig');
  return isJson && !parses(text) ? [`${path} is not JSON`] : [];
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
