// SPDX-License-Identifier: Apache-2.0
import {
  ConflictError,
  InputError,
  NotAllowedError,
  ServiceUnavailableError,
} from '@backstage/errors';
import {
  parseRevision,
  type ReleaseImage,
  type Target,
} from '@causeway/plugin-delivery-common';
import limit from 'p-limit';
import { abortable } from '../clusters/abortable';
import { Pause } from '../clusters/pause';
import {
  commitMessage,
  parseTrailers,
  promotionTrailer,
  trailerFormat,
} from './commitMessage';
import { editImages, readImages } from './editImages';
import type { DeclaredImage, FleetChange } from './FleetRepositories';
import type { Mirror, TreeFile } from './Mirror';
import { GitError } from './program';

/** What a commit came to, before the forge's address of it is known. */
export interface Written {
  readonly sha: string;
  readonly branch: string;
  readonly changed: boolean;
}

/** Who stands as committer in the commits of the portal; the author is the user. */
const committer = { name: 'Causeway', email: 'causeway@localhost' };

/** The names that kustomize looks for, in its order. */
const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

const attempts = 10;

/**
 * One fleet repository.
 *
 * - Safe for concurrent callers: those of one process wait for each other, replicas of the portal
 *   and people race for the remote branch only, and the loser plans again on the winner's work.
 * - No working tree, no force, no merge: a commit changes the declared files on top of the tip.
 * - A receipt proves that the commit is on the remote branch. `ConflictError` proves that nothing
 *   was written. `InputError` and `NotAllowedError` prove it too. Any other error proves nothing:
 *   the push may have got through, so callers ask again with the same promotion.
 * - At most one commit per promotion: the branch is searched for the promotion's trailer first.
 */
export class FleetRepository {
  /** Fetching, writing and pushing: one at a time. */
  readonly #turns = limit(1);
  readonly #fetching = new Map<string, Promise<string>>();
  readonly #contained = new Map<string, boolean>();

  constructor(
    private readonly mirror: Mirror,
    private readonly clock: () => Date,
  ) {}

  commit(change: FleetChange, signal: AbortSignal): Promise<Written> {
    return this.#turns(() => this.#commit(change, signal));
  }

  /** The commit of a promotion on the remote branch as it is now. */
  async findCommit(
    branch: string,
    promotion: string,
    signal: AbortSignal,
  ): Promise<Written | undefined> {
    const tip = await this.fetchTip(branch, signal);
    const sha = await this.#findByTrailer(tip, promotion);
    return sha === undefined ? undefined : { sha, branch, changed: true };
  }

  /** Whether a commit is part of a revision that Flux reported; undefined when that can not be known. */
  async contains(
    branch: string,
    revision: string,
    commit: string,
  ): Promise<boolean | undefined> {
    const applied = parseRevision(revision)?.checksum;
    if (!applied || !/^[0-9a-f]{40}$/.test(commit)) return undefined;
    if (applied === commit) return true;
    const key = `${commit} ${applied}`;
    const known = this.#contained.get(key);
    if (known !== undefined) return known;
    if (!(await this.#haveAll([applied, commit], branch))) return undefined;
    const contained = await this.mirror.isAncestor(commit, applied);
    if (this.#contained.size >= 10_000) this.#contained.clear();
    this.#contained.set(key, contained);
    return contained;
  }

  async declaredImages(
    branch: string,
    target: Target,
    signal: AbortSignal,
  ): Promise<readonly DeclaredImage[]> {
    const tip = await this.fetchTip(branch, signal);
    const { path, text } = await this.#readOverlay(tip, target.path);
    return inFile(path, () => readImages(text));
  }

  /** The newest commit of the branch. Callers that come while a fetch waits to begin share it. */
  async fetchTip(branch: string, signal: AbortSignal): Promise<string> {
    let waiting = this.#fetching.get(branch);
    if (!waiting) {
      waiting = this.#turns(() => {
        this.#fetching.delete(branch);
        return this.#fetch(branch);
      });
      this.#fetching.set(branch, waiting);
    }
    return abortable(waiting, signal);
  }

  /** Files with new contents that set `images` in the overlays of `targets` at a commit. */
  async planEdits(
    base: string,
    targets: readonly Target[],
    images: readonly ReleaseImage[],
  ): Promise<readonly { path: string; mode: string; contents: string }[]> {
    const paths = [...new Set(targets.map(({ path }) => cleaned(path)))];
    const overlays = await Promise.all(
      paths.map(path => this.#readOverlay(base, path)),
    );
    return overlays.flatMap(({ path, mode, text }) => {
      const contents = inFile(path, () => editImages(text, images));
      return contents === text ? [] : [{ path, mode, contents }];
    });
  }

  async #commit(change: FleetChange, signal: AbortSignal): Promise<Written> {
    const { branch } = change.location;
    const pause = new Pause({ first: 30, longest: 500 });
    let refusal = '';
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      signal.throwIfAborted();
      const base = await this.#fetch(branch);
      const earlier = await this.#findByTrailer(base, change.promotion);
      if (earlier) return { sha: earlier, branch, changed: true };
      const files = await this.planEdits(base, change.targets, change.images);
      if (files.length === 0) return { sha: base, branch, changed: false };
      signal.throwIfAborted();
      const outcome = await this.#push(change, base, files);
      if (outcome.sha) return { sha: outcome.sha, branch, changed: true };
      refusal = outcome.refusal;
      await pause.wait(signal);
    }
    throw new ConflictError(
      `Nothing was written: branch ${branch} of the fleet repository refused the commit ${attempts} times. Last reason: ${refusal}`,
    );
  }

  /**
   * A push that broke off is a refusal too: the next attempt sees whether it got through. A mirror
   * that is broken, for example by a process that was killed, is made again by the next attempt.
   */
  async #push(
    change: FleetChange,
    parent: string,
    files: readonly { path: string; mode: string; contents: string }[],
  ): Promise<{ sha?: string; refusal: string }> {
    const { author } = change;
    const time = this.clock();
    const message = commitMessage(change);
    const commit = { parent, author, committer, time, message, files };
    try {
      const sha = await this.mirror.write(commit);
      const outcome = await this.mirror.push(sha, change.location.branch);
      return outcome.kind === 'accepted'
        ? { sha, refusal: '' }
        : { refusal: outcome.reason };
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      if (error.failure === 'local') await this.mirror.discard();
      if (error.failure === 'local' || error.failure === 'unreachable') {
        return { refusal: error.message };
      }
      throw this.#meaning(error);
    }
  }

  async #fetch(branch: string): Promise<string> {
    try {
      return await this.mirror.fetch(branch);
    } catch (error) {
      throw this.#meaning(error);
    }
  }

  /** What a failure of git means to a caller. */
  #meaning(error: unknown): unknown {
    if (!(error instanceof GitError)) return error;
    const { url } = this.mirror;
    switch (error.failure) {
      case 'unreachable':
        return new ServiceUnavailableError(
          `The fleet repository ${url} can not be reached: ${error.message}`,
        );
      case 'denied':
        return new NotAllowedError(
          `The forge refuses the portal's credentials for ${url}. Check the integration of its host: ${error.message}`,
        );
      case 'missing':
        return new InputError(
          `The fleet repository ${url} or its branch does not exist: ${error.message}`,
        );
      default:
        return new Error(`Git failed for ${url}: ${error.message}`, {
          cause: error,
        });
    }
  }

  /** The oldest commit that carries the trailer, read as a trailer and compared as a whole. */
  async #findByTrailer(
    tip: string,
    promotion: string,
  ): Promise<string | undefined> {
    const grep = `--grep=${promotionTrailer}: ${promotion}`;
    const found = await this.mirror.log([trailerFormat, '-F', grep, tip]);
    return found
      .map(parseTrailers)
      .filter(({ promotions }) => promotions.includes(promotion))
      .pop()?.sha;
  }

  async #readOverlay(
    commit: string,
    folder: string,
  ): Promise<{ path: string; mode: string; text: string }> {
    const path = cleaned(folder);
    const candidates = fileNames.map(name => `${path}/${name}`);
    const files = await this.mirror.filesAt(commit, candidates);
    const [file, other] = files;
    if (!file) {
      throw new InputError(
        `The fleet repository has no ${candidates[0]}. Create it, or correct "path" of the target in the pipeline.`,
      );
    }
    if (other) {
      throw new InputError(
        `The fleet repository has both ${file.path} and ${other.path}; kustomize wants one.`,
      );
    }
    if (!isRegular(file)) {
      throw new InputError(`${file.path} of the fleet repository is no file.`);
    }
    const [contents] = await this.mirror.read([file.blob]);
    return { path: file.path, mode: file.mode, text: contents.toString() };
  }

  async #haveAll(commits: readonly string[], branch: string): Promise<boolean> {
    const haveAll = async () =>
      (await Promise.all(commits.map(each => this.mirror.has(each)))).every(
        Boolean,
      );
    if (await haveAll()) return true;
    try {
      await this.fetchTip(branch, new AbortController().signal);
    } catch {
      // Not being able to ask is one of the ways of not knowing.
      return false;
    }
    return haveAll();
  }
}

function isRegular({ mode }: TreeFile): boolean {
  return mode === '100644' || mode === '100755';
}

function cleaned(path: string): string {
  const parts = path.split('/').filter(part => part !== '' && part !== '.');
  if (parts.includes('..')) {
    throw new InputError(`The path "${path}" leaves the fleet repository.`);
  }
  return parts.join('/');
}

/** Names the file in what is wrong with it. */
function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${path} of the fleet repository: ${error.message}`);
  }
}
