// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Rendered } from './ScaffolderUnderTest';

const folder = resolve(
  require.resolve('@causeway/test-templates/package.json'),
  '../cases',
);

/** Files that are recorded whole: they are read more often than the rest. */
const shown = ['catalog-info.yaml', 'delivery.yaml'];

/** What a template made, short enough to be read in a review. */
export interface Recording {
  /** Steps that a dry run only pretends to take. */
  readonly pretended: readonly string[];
  readonly shown: Readonly<Record<string, string>>;
  /** Beginnings of SHA-256 sums. */
  readonly files: Readonly<Record<string, string>>;
}

/** One way to fill in the form of a template. */
export interface Case {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly recorded?: Recording;
}

/** The cases of one template, a file of their own. */
export interface CaseFile {
  readonly template: string;
  readonly cases: readonly Case[];
}

/** All cases. */
export function readCases(): readonly CaseFile[] {
  return readdirSync(folder)
    .sort()
    .map(name => parse(readFileSync(join(folder, name), 'utf8')));
}

/** What is to be recorded of a result. */
export function recordingOf({ files, pretended }: Rendered): Recording {
  return {
    pretended,
    shown: Object.fromEntries(
      shown.flatMap(path => {
        const text = files.get(path);
        return text === undefined ? [] : [[path, text]];
      }),
    ),
    files: Object.fromEntries(
      [...files]
        .filter(([path]) => !shown.includes(path))
        .map(([path, text]) => [
          path,
          createHash('sha256').update(text).digest('hex').slice(0, 16),
        ]),
    ),
  };
}

/** Writes results down as what is right from now on. */
export function record(
  template: string,
  results: readonly { readonly from: Case; readonly rendered: Rendered }[],
): void {
  const cases = results.map(({ from, rendered }) => ({
    name: from.name,
    values: from.values,
    recorded: recordingOf(rendered),
  }));
  writeFileSync(
    join(folder, `${template}.yaml`),
    stringify({ template, cases }, { lineWidth: 0 }),
  );
}
