// SPDX-License-Identifier: Apache-2.0

/** A person or program that made a commit. */
export interface Signature {
  readonly name: string;
  readonly email: string;
}

/** A commit that is to be made on top of another one. */
export interface NewCommit {
  readonly parent: string;
  readonly author: Signature;
  readonly committer: Signature;
  readonly time: Date;
  readonly message: string;
  /** Files with new contents; all others stay as in the parent. */
  readonly files: readonly {
    readonly path: string;
    readonly mode: string;
    readonly contents: string;
  }[];
}

/**
 * A commit in the language of `git fast-import`, which builds blobs, trees and commit in one
 * process without index or working tree, and then prints the id of the commit.
 */
export function commitStream(commit: NewCommit): string {
  const when = `${Math.floor(commit.time.getTime() / 1000)} +0000`;
  return [
    'feature done',
    'commit refs/causeway/pending',
    'mark :1',
    `author ${person(commit.author)} ${when}`,
    `committer ${person(commit.committer)} ${when}`,
    data(commit.message),
    `from ${commit.parent}`,
    ...commit.files.flatMap(({ path, mode, contents }) => [
      `M ${mode} inline ${quotedPath(path)}`,
      data(contents),
    ]),
    'get-mark :1',
    'done',
    '',
  ].join('\n');
}

/** Names come from people; these characters would end the field. */
function person({ name, email }: Signature): string {
  const clean = (text: string) => text.replace(/[<>\n\r\0]/g, ' ').trim();
  return `${clean(name)} <${clean(email)}>`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}

function quotedPath(path: string): string {
  const escaped = path
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n');
  return `"${escaped}"`;
}
