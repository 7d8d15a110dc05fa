// SPDX-License-Identifier: Apache-2.0
import { Signature } from './importCommits';

/** A commit as `git log` tells it. */
export interface CommitRecord {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  /** Subject, body and trailers as written, without the last line break. */
  readonly message: string;
}

const fieldEnd = '\x1f';
const recordEnd = '\x1e';

/** The format that {@link parseCommits} reads; separators are control characters no name contains. */
export const commitFormat = `${[
  '%H',
  '%T',
  '%P',
  '%an',
  '%ae',
  '%at',
  '%cn',
  '%ce',
  '%ct',
  '%B',
].join('%x1f')}%x1e`;

function signature(name: string, email: string, seconds: string): Signature {
  return { name, email, date: new Date(Number(seconds) * 1000) };
}

/** Reads the output of `git log` in {@link commitFormat}. */
export function parseCommits(output: string): readonly CommitRecord[] {
  return output
    .split(recordEnd)
    .map(record => record.replace(/^\n/, ''))
    .filter(Boolean)
    .map(record => {
      const [sha, tree, parents, an, ae, at, cn, ce, ct, message] =
        record.split(fieldEnd);
      return {
        sha,
        tree,
        parents: parents ? parents.split(' ') : [],
        author: signature(an, ae, at),
        committer: signature(cn, ce, ct),
        message: message.replace(/\n+$/, ''),
      };
    });
}

/** The first line of a commit message. */
export function subjectOf(message: string): string {
  return message.split('\n', 1)[0];
}
