// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CredentialsFor } from './credentials';
import { commitStream, type NewCommit } from './commitStream';
import { git, GitError, type GitCall } from './program';

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
  }

  /** Brings the branch here and returns its commit. */
  async fetch(branch: string): Promise<string> {
    await this.#fetch(`+refs/heads/${branch}:refs/heads/${branch}`);
    return this.tip(branch);
  }

  /** Brings all branches here. */
  async fetchAll(): Promise<void> {
    await this.#fetch('+refs/heads/*:refs/heads/*');
  }

  /** The commit that the branch had at the last fetch. */
  async tip(branch: string): Promise<string> {
    const sha = await this.#text([
      'rev-parse',
      '--verify',
      `refs/heads/${branch}`,
    ]);
    return sha.trim();
  }

  /** Whether the commit is here. */
  async has(commit: string): Promise<boolean> {
    await this.#prepare();
    return this.#asks(['cat-file', '-e', `${commit}^{commit}`]);
  }

  /** Whether `ancestor` is contained in `commit`; both must be here. */
  isAncestor(ancestor: string, commit: string): Promise<boolean> {
    return this.#asks(['merge-base', '--is-ancestor', ancestor, commit]);
  }

  /** All files of a commit, in the order of their paths. */
  async files(commit: string): Promise<readonly TreeFile[]> {
    const output = await this.#text([
      'ls-tree',
      '-r',
      '-z',
      '--full-tree',
      commit,
    ]);
    return output.split('\0').filter(Boolean).map(parseTreeLine);
  }

  /** Those of the paths that are files of the commit. */
  async filesAt(
    commit: string,
    paths: readonly string[],
  ): Promise<readonly TreeFile[]> {
    const args = [
      '--literal-pathspecs',
      'ls-tree',
      '-z',
      '--full-tree',
      commit,
      '--',
      ...paths,
    ];
    const output = await this.#text(args);
    return output.split('\0').filter(Boolean).map(parseTreeLine);
  }

  /** Contents of blobs, in their order. */
  async read(blobs: readonly string[]): Promise<readonly Buffer[]> {
    if (blobs.length === 0) return [];
    const input = blobs.map(blob => `${blob}\n`).join('');
    const output = await this.#git({ args: ['cat-file', '--batch'], input });
    return splitBatch(output, blobs.length);
  }

  /** Fields of commits, newest first: one text per commit, formatted by `git log`. */
  async log(args: readonly string[]): Promise<readonly string[]> {
    const output = await this.#text(['log', '-z', ...args]);
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
    await rm(this.#directory, { recursive: true, force: true });
    this.#prepared = undefined;
  }

  async #fetch(refspec: string): Promise<void> {
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
        credentials: await this.options.credentials(this.url),
      },
      timeout: this.options.remoteTimeout ?? 30_000,
    });
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

function parseTreeLine(line: string): TreeFile {
  const tab = line.indexOf('\t');
  const [mode, , blob] = line.slice(0, tab).split(' ');
  return { mode, blob, path: line.slice(tab + 1) };
}

/** The output of `cat-file --batch`: a line with the size, the contents, a line end, and again. */
function splitBatch(output: Buffer, count: number): readonly Buffer[] {
  const contents: Buffer[] = [];
  let offset = 0;
  for (let index = 0; index < count; index += 1) {
    const lineEnd = output.indexOf(10, offset);
    const size = Number(output.toString('utf8', offset, lineEnd).split(' ')[2]);
    if (!Number.isInteger(size)) {
      throw new GitError('local', 'An object is missing.', undefined, '');
    }
    contents.push(output.subarray(lineEnd + 1, lineEnd + 1 + size));
    offset = lineEnd + 1 + size + 1;
  }
  return contents;
}
