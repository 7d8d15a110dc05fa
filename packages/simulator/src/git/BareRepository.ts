// SPDX-License-Identifier: Apache-2.0
import { GitObjects, ObjectReader, type FoundCommit } from '@causeway/git';
import { git, GitError, gitEnvironment } from './program';
import { readReferences } from './readReferences';
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

/** A reference by its whole name, and what it points to. */
export interface FullReference extends Reference {
  readonly peeled?: string;
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

/** Ids and plain names of branches and tags; what else git understands is left to it. */
const plainName = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/**
 * A bare Git repository on disk, read and written by git's plumbing only.
 * Safe for concurrent callers: a branch moves by compare-and-swap.
 */
export class BareRepository {
  readonly #reader: ObjectReader;
  readonly #objects: GitObjects;

  constructor(readonly directory: string) {
    this.#reader = new ObjectReader({
      environment: () => ({ ...gitEnvironment(), GIT_DIR: directory }),
    });
    this.#objects = new GitObjects(this.#reader);
  }

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

  /** Ends the process that reads, if there is one; the next reader starts it again. */
  end(): Promise<void> {
    return this.#reader.end();
  }

  /** The full id of a commit, branch or tag; undefined when there is none. */
  async resolve(revision: string): Promise<string | undefined> {
    if (plainName.test(revision))
      return (await this.#objects.commit(revision))?.id;
    const sha = await this.#orUndefined([
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${revision}^{commit}`,
    ]);
    return sha?.toString().trim();
  }

  /** Branches (`refs/heads/`) or tags (`refs/tags/`), by name, with their commits. */
  async references(
    prefix: 'refs/heads/' | 'refs/tags/',
  ): Promise<readonly Reference[]> {
    const found = await this.allReferences();
    return found
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, sha, peeled }) => ({
        name: name.slice(prefix.length),
        sha: peeled ?? sha,
      }));
  }

  /** Everything below `refs/`, by name; `peeled` is the commit of an annotated tag. */
  async allReferences(): Promise<readonly FullReference[]> {
    const found = await readReferences(this.directory);
    return Promise.all(
      [...found].map(async ([name, sha]) => {
        if (!name.startsWith('refs/tags/')) return { name, sha };
        const commit = await this.#objects.commit(sha);
        return commit && commit.id !== sha
          ? { name, sha, peeled: commit.id }
          : { name, sha };
      }),
    );
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
    const found = await this.#entryAt(revision, path);
    if (!found) return undefined;
    const { id, ...entry } = found;
    return {
      ...entry,
      sha: id,
      ...(entry.kind === 'blob' && { size: (await this.blob(id)).length }),
    };
  }

  /** A blob's bytes. */
  async blob(sha: string): Promise<Buffer> {
    return (await this.#objects.read(sha)).content;
  }

  /** A file's bytes at a revision; undefined when it is not there. */
  async readFile(revision: string, path: string): Promise<Buffer | undefined> {
    const entry = await this.#entryAt(revision, path);
    return entry?.kind === 'blob' ? this.blob(entry.id) : undefined;
  }

  /** Ids of all files of a revision, by path. */
  async blobs(revision: string): Promise<ReadonlyMap<string, string>> {
    const sha = await this.resolve(revision);
    if (!sha) throw new Error(`There is no revision ${revision}.`);
    const found = await this.#objects.files(sha);
    return new Map(
      found
        .filter(({ kind }) => kind === 'blob')
        .map(({ path, id }) => [path, id]),
    );
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
    const sha = plainName.test(revision)
      ? revision
      : await this.resolve(revision);
    const found = sha && (await this.#objects.commit(sha));
    return found ? asRecord(found) : undefined;
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

  async #entryAt(revision: string, path: string) {
    const sha = await this.resolve(revision);
    return sha ? this.#objects.entryAt(sha, path) : undefined;
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

function asRecord({ id, ...commit }: FoundCommit): CommitRecord {
  return { ...commit, sha: id };
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
