// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  CatFileEnded,
  GitObjects,
  MissingObject,
  ObjectReader,
  UnexpectedAnswer,
  type PathEntry,
} from '@causeway/git';
import type { CredentialsFor } from './credentials';
import { commitStream, type NewCommit } from './commitStream';
import {
  environment,
  git,
  GitError,
  type GitCall,
  type GitCredentials,
} from './program';
import { RemoteLooks } from './RemoteLooks';

/** Milliseconds for one fetch or push. */
const defaultTimeout = 30_000;

/** A file of a commit. */
export interface TreeFile {
  readonly path: string;
  /** Git's mode, for example `100644`. */
  readonly mode: string;
  readonly blob: string;
}

/** How a push ended. A push that broke off throws: whether it got through is then not known. */
export type PushOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Where mirrors are kept and how remotes are spoken to. */
export interface MirrorOptions {
  /** Folder of this process alone; its contents can be thrown away at any time. */
  readonly directory: string;
  readonly credentials: CredentialsFor;
  /** Milliseconds for one fetch or push. Default 30 s. */
  readonly remoteTimeout?: number;
}

/**
 * A bare copy of one remote repository: objects and branches, no working tree.
 *
 * It is a cache and nothing else. It is made at the first use, made again when it is broken, and
 * holds nothing that the remote does not, except commits on their way. Reading objects is safe at
 * any time; `fetch`, `write` and `push` are for one caller at a time.
 */
export class Mirror {
  readonly #directory: string;
  readonly #reader: ObjectReader;
  readonly #objects: GitObjects;
  readonly #looks = new RemoteLooks();
  /** Commits that branches of the remote were seen at, and that are here with all they contain. */
  readonly #tips = new Map<string, string>();
  #isBroken = false;
  #prepared: Promise<void> | undefined;

  constructor(
    readonly url: string,
    private readonly options: MirrorOptions,
    /** `commits` leaves out trees and files, where the remote can do that. */
    private readonly contents: 'everything' | 'commits' = 'everything',
  ) {
    const key = createHash('sha256').update(url).digest('hex').slice(0, 16);
    const name =
      url
        .split('/')
        .pop()
        ?.replace(/[^\w.-]/g, '') ?? '';
    this.#directory = resolve(
      options.directory,
      `${name}-${key}-${contents}.git`,
    );
    this.#reader = new ObjectReader({
      environment: () => environment({ args: [], directory: this.#directory }),
    });
    this.#objects = new GitObjects(this.#reader);
  }

  /** Asks the remote where the branch is now, brings it here unless it is, and returns its commit. */
  async fetch(branch: string): Promise<string> {
    const known = this.#isBroken ? undefined : this.#tips.get(branch);
    if (known && (await this.#isStill(branch, known))) return known;
    await this.#fetch(`+refs/heads/${branch}:refs/heads/${branch}`);
    const tip = await this.tip(branch);
    this.#tips.set(branch, tip);
    return tip;
  }

  /** Brings all branches here. */
  async fetchAll(): Promise<void> {
    await this.#fetch('+refs/heads/*:refs/heads/*');
  }

  /** The commit that the branch had when it was brought here last. */
  async tip(branch: string): Promise<string> {
    const name = `refs/heads/${branch}`;
    const commit = await this.#read(() => this.#objects.commit(name));
    if (commit) return commit.id;
    throw new GitError('local', `The mirror has no ${name}.`, undefined, '');
  }

  /** Whether the commit is here. */
  async has(commit: string): Promise<boolean> {
    await this.#prepare();
    try {
      return (
        (await this.#read(() => this.#objects.commit(commit))) !== undefined
      );
    } catch (error) {
      if (error instanceof GitError) return false;
      throw error;
    }
  }

  /** Whether `ancestor` is contained in `commit`; both must be here. */
  async isAncestor(ancestor: string, commit: string): Promise<boolean> {
    const near = await this.#read(() =>
      this.#objects.contains(commit, ancestor),
    );
    return (
      near ?? this.#asks(['merge-base', '--is-ancestor', ancestor, commit])
    );
  }

  /** All files of a commit, in the order of their paths. */
  async files(commit: string): Promise<readonly TreeFile[]> {
    const found = await this.#read(() => this.#objects.files(commit));
    return found.map(treeFile);
  }

  /** Those of the paths that the commit has, in their order. */
  async filesAt(
    commit: string,
    paths: readonly string[],
  ): Promise<readonly TreeFile[]> {
    const found = await this.#read(() =>
      Promise.all(
        [...new Set(paths)].map(path => this.#objects.entryAt(commit, path)),
      ),
    );
    return found.flatMap(entry => (entry ? [treeFile(entry)] : []));
  }

  /** Contents of blobs, in their order. */
  read(blobs: readonly string[]): Promise<readonly Buffer[]> {
    return this.#read(() =>
      Promise.all(
        blobs.map(async blob => (await this.#objects.read(blob)).content),
      ),
    );
  }

  /** Fields of commits, newest first: one text per commit, formatted by `git log`. */
  async log(args: readonly string[]): Promise<readonly string[]> {
    const output = await this.#read(() => this.#text(['log', '-z', ...args]));
    return output.split('\0').filter(Boolean);
  }

  /** Stores a commit in the mirror, where nobody sees it before it is pushed. Returns its id. */
  async write(commit: NewCommit): Promise<string> {
    const output = await this.#git({
      args: [
        'fast-import',
        '--quiet',
        '--force',
        '--done',
        '--date-format=raw',
      ],
      input: commitStream(commit),
    });
    return output.toString().trim();
  }

  /** Moves the remote branch forward to a commit of the mirror; never backwards or sideways. */
  async push(commit: string, branch: string): Promise<PushOutcome> {
    const refspec = `${commit}:refs/heads/${branch}`;
    try {
      await this.#remote([
        'push',
        '--porcelain',
        '--no-verify',
        this.url,
        refspec,
      ]);
      this.#tips.set(branch, commit);
      return { kind: 'accepted' };
    } catch (error) {
      const refused =
        error instanceof GitError && /^!\t\S+\t(.*)$/m.exec(error.stdout);
      if (!refused) throw error;
      const said = error.message.replaceAll('remote: ', '');
      return { kind: 'refused', reason: `${refused[1]} ${said}`.slice(0, 500) };
    }
  }

  /** Throws the copy away; the next fetch makes it again. */
  async discard(): Promise<void> {
    this.#tips.clear();
    await this.#reader.end();
    await rm(this.#directory, { recursive: true, force: true });
    this.#prepared = undefined;
    this.#isBroken = false;
  }

  /** Only what is seen to be here counts: a hand in the folder may have taken it away. */
  async #isStill(branch: string, known: string): Promise<boolean> {
    const { remoteTimeout = defaultTimeout } = this.options;
    const isStill = await this.#looks.isStill(known, {
      url: this.url,
      branch,
      credentials: await this.#credentials(),
      timeout: remoteTimeout,
    });
    // Not by its bare id, which is remembered.
    return isStill && (await this.has(`${known}^{commit}`));
  }

  async #fetch(refspec: string): Promise<void> {
    if (this.#isBroken) await this.discard();
    const filter =
      this.contents === 'commits' ? ['--filter=tree:0', 'origin'] : [this.url];
    const args = [
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      ...filter,
      refspec,
    ];
    try {
      await this.#remote(args);
    } catch (error) {
      if (!(error instanceof GitError) || error.failure !== 'local')
        throw error;
      // Killed in the middle, a full disk, a hand in the folder: the copy is cheap to make again.
      await this.discard();
      await this.#remote(args);
    }
  }

  async #remote(args: readonly string[]): Promise<Buffer> {
    await this.#prepare();
    return git({
      args,
      directory: this.#directory,
      remote: {
        url: this.url,
        credentials: await this.#credentials(),
      },
      timeout: this.options.remoteTimeout ?? defaultTimeout,
    });
  }

  #credentials(): Promise<GitCredentials | undefined> {
    return this.options.credentials(this.url);
  }

  #prepare(): Promise<void> {
    this.#prepared ??= this.#create().catch(error => {
      this.#prepared = undefined;
      throw error;
    });
    return this.#prepared;
  }

  async #create(): Promise<void> {
    await mkdir(this.options.directory, { recursive: true });
    const directory = this.#directory;
    await git({ args: ['init', '--bare', '--quiet', directory] });
    if (this.contents !== 'commits') return;
    await git({ args: ['config', 'remote.origin.url', this.url], directory });
  }

  /** Reads objects. When that shows that the mirror is broken, the next fetch makes it again. */
  async #read<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isKnown =
        error instanceof CatFileEnded ||
        error instanceof MissingObject ||
        error instanceof UnexpectedAnswer ||
        (error instanceof GitError && error.failure === 'local');
      if (!isKnown) throw error;
      this.#isBroken = true;
      throw new GitError('local', error.message, undefined, '');
    }
  }

  async #asks(args: readonly string[]): Promise<boolean> {
    try {
      await this.#git({ args });
      return true;
    } catch (error) {
      if (error instanceof GitError) return false;
      throw error;
    }
  }

  async #text(args: readonly string[]): Promise<string> {
    return (await this.#git({ args })).toString();
  }

  #git(call: GitCall): Promise<Buffer> {
    return git({ ...call, directory: this.#directory });
  }
}

function treeFile({ path, mode, id }: PathEntry): TreeFile {
  return { path, mode, blob: id };
}
