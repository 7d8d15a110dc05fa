// SPDX-License-Identifier: Apache-2.0
import { git, GitError } from './program';

/** Who wrote something, and when. */
export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly date: Date;
}

/** One changed file of a commit; `content` undefined deletes it. */
export interface FileChange {
  readonly path: string;
  readonly content: Buffer | string | undefined;
}

/** A commit to be made on a branch. */
export interface NewCommit {
  readonly branch: string;
  readonly author: Signature;
  readonly committer?: Signature;
  readonly message: string;
  readonly changes: readonly FileChange[];
  /** The commit it builds on. In a series the first entry names it, the others follow each other. */
  readonly parent?: string;
  /** A second parent, for a merge commit. */
  readonly mergedParent?: string;
  /** A tag that will point at this commit. */
  readonly tag?: string;
}

/** The branch moved in the meantime; nothing was written. */
export class BranchMovedError extends Error {
  constructor(branch: string) {
    super(`Branch ${branch} has moved; nothing was written`);
    this.name = 'BranchMovedError';
  }
}

function dataBlock(content: Buffer | string): Buffer {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(content);
  return Buffer.concat([
    Buffer.from(`data ${bytes.length}\n`),
    bytes,
    Buffer.from('\n'),
  ]);
}

function signatureLine(role: string, { name, email, date }: Signature): string {
  return `${role} ${name} <${email}> ${Math.floor(
    date.getTime() / 1000,
  )} +0000\n`;
}

/** Quotes a path the way fast-import reads it. */
function quotePath(path: string): string {
  return `"${path
    .replace(/\\/g, '\\\\')
    .replace(/"/g, '\\"')
    .replace(/\n/g, '\\n')}"`;
}

function commitBlock(commit: NewCommit, mark: number): Buffer[] {
  const parts: Buffer[] = [
    Buffer.from(`commit refs/heads/${commit.branch}\nmark :${mark}\n`),
    Buffer.from(signatureLine('author', commit.author)),
    Buffer.from(signatureLine('committer', commit.committer ?? commit.author)),
    dataBlock(
      commit.message.endsWith('\n') ? commit.message : `${commit.message}\n`,
    ),
  ];
  if (commit.parent) parts.push(Buffer.from(`from ${commit.parent}\n`));
  if (commit.mergedParent)
    parts.push(Buffer.from(`merge ${commit.mergedParent}\n`));
  for (const { path, content } of commit.changes) {
    if (content === undefined) {
      parts.push(Buffer.from(`D ${quotePath(path)}\n`));
    } else {
      parts.push(
        Buffer.from(`M 100644 inline ${quotePath(path)}\n`),
        dataBlock(content),
      );
    }
  }
  parts.push(Buffer.from('\n'));
  if (commit.tag)
    parts.push(Buffer.from(`reset refs/tags/${commit.tag}\nfrom :${mark}\n\n`));
  return parts;
}

/** The series as a stream for `git fast-import`, which answers one commit id per line. */
export function importStream(commits: readonly NewCommit[]): Buffer {
  const blocks = commits.flatMap((commit, index) =>
    commitBlock(commit, index + 1),
  );
  const marks = commits.map((_, index) => `get-mark :${index + 1}\n`).join('');
  return Buffer.concat([...blocks, Buffer.from(`${marks}done\n`)]);
}

/**
 * Writes commits without a working tree, in one git process, and returns their ids in order.
 * A branch only moves when its tip is an ancestor of the new commit.
 * @throws BranchMovedError when it is not; nothing is written then.
 */
export async function importCommits(
  gitDirectory: string,
  commits: readonly NewCommit[],
): Promise<readonly string[]> {
  try {
    const output = await git(
      ['fast-import', '--quiet', '--done', '--date-format=raw'],
      {
        gitDirectory,
        input: importStream(commits),
      },
    );
    return output.toString().trim().split('\n');
  } catch (error) {
    if (
      error instanceof GitError &&
      /Not updating|does not contain/.test(error.standardError)
    ) {
      throw new BranchMovedError(commits[0].branch);
    }
    throw error;
  }
}
