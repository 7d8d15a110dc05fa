// SPDX-License-Identifier: Apache-2.0
import { git, GitError } from './program';
import {
  BranchMovedError,
  importCommits,
  NewCommit,
  Signature,
} from './importCommits';
import { CommitRecord, commitFormat, parseCommits } from './parseCommits';

/** One entry of a tree. */
export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly kind: 'blob' | 'tree' | 'commit';
  readonly sha: string;
  /** Bytes; undefined for trees. */
  readonly size?: number;
}

/** A branch or tag and the commit it points to. */
export interface Reference {
  readonly name: string;
  readonly sha: string;
}

/** One file touched between two commits. */
export interface FileDifference {
  readonly path: string;
  readonly status: 'added' | 'modified' | 'removed';
}

/** Which commits to list. */
export interface LogQuery {
  readonly from: string;
  readonly excluding?: string;
  readonly path?: string;
  readonly skip?: number;
  readonly limit?: number;
}

const zeroSha = '0'.repeat(40);

/**
 * A bare Git repository on disk, read and written by git's plumbing only.
 * Safe for concurrent callers: a branch moves by compare-and-swap.
 */
export class BareRepository {
  constructor(readonly directory: string) {}

  /** Makes an empty repository whose HEAD is `main`; keeps an existing one. */
  static async create(directory: string): Promise<BareRepository> {
    await git([
      'init',
      '--bare',
      '--quiet',
      '--initial-branch=main',
      directory,
    ]);
    return new BareRepository(directory);
  }

  /** The full id of a commit, branch or tag; undefined when there is none. */
  async resolve(revision: string): Promise<string | undefined> {
    const sha = await this.#orUndefined([
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${revision}^{commit}`,
    ]);
    return sha?.toString().trim();
  }

  /** Branches (`refs/heads/`) or tags (`refs/tags/`), by name. */
  async references(
    prefix: 'refs/heads/' | 'refs/tags/',
  ): Promise<readonly Reference[]> {
    const format =
      '%(refname)%00%(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)';
    const output = await this.#run([
      'for-each-ref',
      `--format=${format}`,
      prefix,
    ]);
    return lines(output).map(line => {
      const [name, sha] = line.split('\0');
      return { name: name.slice(prefix.length), sha };
    });
  }

  /** Entries below a folder of a revision; all files when `recursive`. */
  async tree(
    revision: string,
    path = '',
    recursive = false,
  ): Promise<readonly TreeEntry[]> {
    const scope = path
      ? ['--', recursive ? path : `${path.replace(/\/$/, '')}/`]
      : [];
    const output = await this.#run([
      'ls-tree',
      '-z',
      '--long',
      ...(recursive ? ['-r'] : []),
      revision,
      ...scope,
    ]);
    return output.toString().split('\0').filter(Boolean).map(parseTreeLine);
  }

  /** The entry at exactly this path; undefined when there is none. */
  async entry(revision: string, path: string): Promise<TreeEntry | undefined> {
    const output = await this.#run([
      'ls-tree',
      '-z',
      '--long',
      revision,
      '--',
      path.replace(/\/$/, ''),
    ]);
    return output.toString().split('\0').filter(Boolean).map(parseTreeLine)[0];
  }

  /** A blob's bytes. */
  blob(sha: string): Promise<Buffer> {
    return this.#run(['cat-file', 'blob', sha]);
  }

  /** A file's bytes at a revision; undefined when it is not there. */
  async readFile(revision: string, path: string): Promise<Buffer | undefined> {
    return this.#orUndefined(['cat-file', 'blob', `${revision}:${path}`]);
  }

  /** All files of a revision with their bytes, in two git processes. */
  async files(revision: string): Promise<ReadonlyMap<string, Buffer>> {
    const blobs = (await this.tree(revision, '', true)).filter(
      entry => entry.kind === 'blob',
    );
    if (blobs.length === 0) return new Map();
    const output = await this.#run(['cat-file', '--batch'], {
      input: blobs.map(({ sha }) => `${sha}\n`).join(''),
    });
    const files = new Map<string, Buffer>();
    let offset = 0;
    for (const { path } of blobs) {
      const headerEnd = output.indexOf(10, offset);
      const size = Number(
        output.subarray(offset, headerEnd).toString().split(' ')[2],
      );
      files.set(path, output.subarray(headerEnd + 1, headerEnd + 1 + size));
      offset = headerEnd + size + 2;
    }
    return files;
  }

  /** Commits, newest first. */
  async log(query: LogQuery): Promise<readonly CommitRecord[]> {
    const output = await this.#run([
      'log',
      `--format=${commitFormat}`,
      ...(query.skip ? [`--skip=${query.skip}`] : []),
      ...(query.limit ? [`--max-count=${query.limit}`] : []),
      query.from,
      ...(query.excluding ? [`^${query.excluding}`] : []),
      ...(query.path ? ['--', query.path] : []),
    ]);
    return parseCommits(output.toString());
  }

  /** How many commits a query without skip and limit would list. */
  async count({ from, excluding, path }: LogQuery): Promise<number> {
    const output = await this.#run([
      'rev-list',
      '--count',
      from,
      ...(excluding ? [`^${excluding}`] : []),
      ...(path ? ['--', path] : []),
    ]);
    return Number(output.toString());
  }

  /** One commit; undefined when the revision is unknown. */
  async commit(revision: string): Promise<CommitRecord | undefined> {
    const output = await this.#orUndefined([
      'log',
      `--format=${commitFormat}`,
      '--max-count=1',
      '--end-of-options',
      revision,
      '--',
    ]);
    return output && parseCommits(output.toString())[0];
  }

  /** Files that differ between two commits; `before` undefined compares with nothing. */
  async differences(
    before: string | undefined,
    after: string,
  ): Promise<readonly FileDifference[]> {
    const output = await this.#run([
      'diff-tree',
      '-r',
      '-z',
      '--no-renames',
      '--name-status',
      before ?? (await this.#emptyTree()),
      after,
    ]);
    const fields = output.toString().split('\0').filter(Boolean);
    const differences: FileDifference[] = [];
    for (let index = 0; index + 1 < fields.length; index += 2) {
      const status = differenceOf(fields[index]);
      differences.push({ path: fields[index + 1], status });
    }
    return differences;
  }

  /** The unified diff between two commits; `before` undefined compares with nothing. */
  async patch(before: string | undefined, after: string): Promise<string> {
    const output = await this.#run([
      'diff-tree',
      '-p',
      '-r',
      '--no-renames',
      before ?? (await this.#emptyTree()),
      after,
    ]);
    return output.toString();
  }

  /** The newest commit both have in common. */
  async mergeBase(one: string, other: string): Promise<string | undefined> {
    try {
      return (await this.#run(['merge-base', one, other])).toString().trim();
    } catch (error) {
      if (error instanceof GitError && error.exitCode === 1) return undefined;
      throw error;
    }
  }

  /** An archive of a revision below a folder named `prefix`. */
  archive(
    revision: string,
    format: 'tar' | 'tar.gz' | 'zip',
    prefix = '',
  ): Promise<Buffer> {
    return this.#run([
      'archive',
      `--format=${format}`,
      ...(prefix ? [`--prefix=${prefix}/`] : []),
      revision,
    ]);
  }

  /** Writes commits in order and returns their ids; see {@link importCommits}. */
  write(commits: readonly NewCommit[]): Promise<readonly string[]> {
    return importCommits(this.directory, commits);
  }

  /**
   * The tree that results from merging two commits.
   * @throws GitError with exit code 1 when they conflict.
   */
  async mergedTree(ours: string, theirs: string): Promise<string> {
    const output = await this.#run([
      'merge-tree',
      '--write-tree',
      ours,
      theirs,
    ]);
    return output.toString().split('\n')[0];
  }

  /** A commit object over an existing tree; no branch moves. */
  async commitTree(options: {
    readonly tree: string;
    readonly parents: readonly string[];
    readonly author: Signature;
    readonly message: string;
  }): Promise<string> {
    const { name, email, date } = options.author;
    const when = `${Math.floor(date.getTime() / 1000)} +0000`;
    const output = await this.#run(
      [
        'commit-tree',
        options.tree,
        ...options.parents.flatMap(parent => ['-p', parent]),
      ],
      {
        input: options.message,
        environment: {
          GIT_AUTHOR_NAME: name,
          GIT_AUTHOR_EMAIL: email,
          GIT_AUTHOR_DATE: when,
          GIT_COMMITTER_NAME: name,
          GIT_COMMITTER_EMAIL: email,
          GIT_COMMITTER_DATE: when,
        },
      },
    );
    return output.toString().trim();
  }

  /**
   * Points a reference at `after`, but only when it still is at `before` (undefined: does not exist).
   * @throws BranchMovedError when it is not.
   */
  async moveReference(
    reference: string,
    before: string | undefined,
    after: string,
  ): Promise<void> {
    try {
      await this.#run(['update-ref', reference, after, before ?? zeroSha]);
    } catch (error) {
      if (error instanceof GitError) throw new BranchMovedError(reference);
      throw error;
    }
  }

  /** Removes a reference that is at `before`. */
  async removeReference(reference: string, before: string): Promise<void> {
    await this.#run(['update-ref', '-d', reference, before]);
  }

  async #emptyTree(): Promise<string> {
    return (await this.#run(['hash-object', '-t', 'tree', '-w', '--stdin']))
      .toString()
      .trim();
  }

  /** What git answers to a question about something that may not exist. */
  async #orUndefined(args: readonly string[]): Promise<Buffer | undefined> {
    try {
      return await this.#run(args);
    } catch (error) {
      if (error instanceof GitError) return undefined;
      throw error;
    }
  }

  #run(
    args: readonly string[],
    options: { input?: string; environment?: Record<string, string> } = {},
  ) {
    return git(args, { gitDirectory: this.directory, ...options });
  }
}

function lines(output: Buffer): readonly string[] {
  return output.toString().split('\n').filter(Boolean);
}

function differenceOf(letter: string): FileDifference['status'] {
  if (letter === 'A') return 'added';
  return letter === 'D' ? 'removed' : 'modified';
}

function parseTreeLine(line: string): TreeEntry {
  const tab = line.indexOf('\t');
  const [mode, kind, sha, size] = line.slice(0, tab).split(/ +/);
  const path = line.slice(tab + 1);
  const entryKind = kind === 'tree' || kind === 'commit' ? kind : 'blob';
  return {
    path,
    mode,
    kind: entryKind,
    sha,
    ...(size === '-' ? {} : { size: Number(size) }),
  };
}
