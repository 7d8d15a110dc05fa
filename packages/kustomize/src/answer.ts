// SPDX-License-Identifier: Apache-2.0

import { KustomizeError } from './KustomizeError';

/** What the program left behind when it ended. */
export interface Answer {
  readonly exitCode: number;
  /** Standard output: YAML after exit code 0, the refusal as JSON after 1. */
  readonly output: Uint8Array;
  /** Standard error: warnings, and the last words of a crash. */
  readonly diagnostics: string;
}

/** The YAML of an answer, or the KustomizeError that it reports. */
export function readAnswer(answer: Answer): string {
  const output = Buffer.from(answer.output).toString('utf8');
  switch (answer.exitCode) {
    case 0:
      return output;
    case 1:
      throw readRefusal(output);
    default:
      throw readCrash(answer.diagnostics);
  }
}

function readRefusal(output: string): KustomizeError {
  const { code, message } = JSON.parse(output);
  switch (code) {
    case 'remoteBase':
    case 'invalidInput':
    case 'buildFailed':
      return new KustomizeError(code, String(message));
    default:
      throw new Error(`kustomize answered with the unknown code ${code}`);
  }
}

/** A Go program ends with code 2 when it panics or gets no more memory. */
function readCrash(diagnostics: string): KustomizeError {
  if (diagnostics.includes('out of memory')) {
    return new KustomizeError(
      'tooLarge',
      'The build needed more memory than it may use. Look for very large files or YAML aliases that multiply.',
    );
  }
  const lastWords = diagnostics
    .split('\n')
    .find(line => /^(panic|fatal error):/.test(line));
  return new KustomizeError(
    'buildFailed',
    `kustomize crashed on these files${lastWords ? `: ${lastWords}` : ''}.`,
  );
}
