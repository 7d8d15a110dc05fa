// SPDX-License-Identifier: Apache-2.0
import {
  ConflictError,
  InputError,
  NotAllowedError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { parseRevision, type Target } from '@causeway/plugin-delivery-common';
import limit from 'p-limit';
import { abortable } from '../clusters/abortable';
import { Pause } from '../clusters/pause';
import {
  colourTrailers,
  commitMessage,
  promotionTrailer,
  restoringTrailer,
  skipsAnalysis,
  type PromotionTrailer,
  type ToldCommit,
} from './commitMessage';
import type {
  AnalysisChange,
  ColourChange,
  DeclaredImage,
  FleetChange,
  FleetRepositories,
  OverlaysChange,
  OverlaysReceipt,
} from './FleetRepositories';
import type { Mirror } from './Mirror';
import { planChange, planColourStep } from './planChange';
import { placesAt } from './imagePlaces';
import { editResources, type Edit } from './planEdits';
import { overlayImages, planOverlays } from './planOverlays';
import { GitError } from './program';
import { rememberReadings } from './rememberReadings';
import { restoreAnalysis, skipAnalysis } from './skipAnalysis';
import { ToldCommits } from './ToldCommits';

/** What a commit came to, before the forge's address of it is known. */
export interface Written {
  readonly sha: string;
  readonly branch: string;
  readonly changed: boolean;
  /** It tells engines to skip their analysis. */
  readonly skipsAnalysis?: true;
}

/** What is to be written on top of a commit, or what an earlier attempt wrote. */
interface Draft {
  readonly edits: readonly Edit[];
  readonly earlier?: Pick<ToldCommit, 'sha' | 'skipsAnalysis'>;
  readonly trailers: FleetChange['trailers'];
  readonly skipsAnalysis: boolean;
  /** It is written although it changes no file. */
  readonly isRecord?: boolean;
}

type OverlaysOfDevices = Parameters<FleetRepositories['overlayImages']>[1];

type Signed = Pick<FleetChange, 'location' | 'author' | 'subject'>;

/** Who stands as committer in the commits of the portal; the author is the user. */
const committer = { name: 'Causeway', email: 'causeway@localhost' };

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
  readonly #told = new Map<string, ToldCommits>();

  readonly #declared = rememberReadings((commit, overlays: OverlaysOfDevices) =>
    overlayImages(this.mirror, commit, overlays),
  );

  constructor(
    private readonly mirror: Mirror,
    private readonly clock: () => Date,
  ) {}

  commit(change: FleetChange, signal: AbortSignal): Promise<Written> {
    return this.#turns(() =>
      this.#write(change, base => this.#draft(base, change), signal),
    );
  }

  /** What Git holds decides; the trailer only names the commit that an earlier attempt wrote. */
  restoreAnalysis(
    change: AnalysisChange,
    signal: AbortSignal,
  ): Promise<Written> {
    const draft = async (base: string): Promise<Draft> => {
      const { promotion, targets, trailers, location } = change;
      const edits = await editResources(this.mirror, base, targets, text =>
        restoreAnalysis(text, promotion),
      );
      const earlier =
        edits.length === 0
          ? await this.#findByTrailer(
              { branch: location.branch, tip: base },
              restoringTrailer,
              promotion,
            )
          : undefined;
      return {
        edits,
        earlier,
        trailers: [...trailers, [restoringTrailer, promotion]],
        skipsAnalysis: false,
      };
    };
    return this.#turns(() => this.#write(change, draft, signal));
  }

  /** An earlier attempt's commit counts, whatever was written after it. */
  changeColours(change: ColourChange, signal: AbortSignal): Promise<Written> {
    const { step, targets, promotion, trailers, location } = change;
    const trailer = colourTrailers[step];
    const draft = async (base: string): Promise<Draft> => {
      const at = { branch: location.branch, tip: base };
      const earlier = await this.#findByTrailer(at, trailer, promotion);
      return {
        edits: earlier ? [] : await planColourStep(this.mirror, base, change),
        earlier,
        trailers: [...trailers, [trailer, promotion]],
        skipsAnalysis: false,
      };
    };
    const signed = {
      ...change,
      targets: targets.map(({ target }) => target),
    };
    return this.#turns(() => this.#write(signed, draft, signal));
  }

  /** An earlier attempt's commit counts; what it changed is read from it. */
  async changeOverlays(
    change: OverlaysChange,
    signal: AbortSignal,
  ): Promise<Written & Pick<OverlaysReceipt, 'says'>> {
    const { overlays, promotion, trailers, location } = change;
    const draft = async (base: string): Promise<Draft> => {
      const at = { branch: location.branch, tip: base };
      const earlier = await this.#findByTrailer(
        at,
        promotionTrailer,
        promotion,
      );
      return {
        edits: earlier ? [] : await planOverlays(this.mirror, base, overlays),
        earlier,
        trailers: [...trailers, [promotionTrailer, promotion]],
        skipsAnalysis: false,
        isRecord: true,
      };
    };
    const written = await this.#turns(() => this.#write(change, draft, signal));
    const says = await this.#declared(written.sha, overlays);
    return { ...written, says };
  }

  overlayImages(
    branch: string,
    overlays: OverlaysOfDevices,
    signal: AbortSignal,
  ): Promise<OverlaysReceipt['says']> {
    return this.atTip(branch, signal, tip => this.#declared(tip, overlays));
  }

  /** Those of the targets whose Canary is in a file of their own overlay and can be edited. */
  async canHurry(
    branch: string,
    targets: readonly Target[],
    signal: AbortSignal,
  ): Promise<readonly Target[]> {
    const edits = await this.atTip(branch, signal, tip =>
      Promise.all(
        targets.map(target =>
          editResources(this.mirror, tip, [target], (text, renaming) =>
            skipAnalysis(restoreAnalysis(text), target, {
              promotion: '',
              renaming,
            }),
          ),
        ),
      ),
    );
    return targets.filter((_, index) => edits[index].length > 0);
  }

  /** The commit of a promotion on the remote branch as it is now. */
  async findCommit(
    branch: string,
    promotion: string,
    signal: AbortSignal,
  ): Promise<Written | undefined> {
    const found = await this.atTip(branch, signal, tip =>
      this.#findByTrailer({ branch, tip }, promotionTrailer, promotion),
    );
    return found && asWritten(found, branch);
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
    const { images } = await this.atTip(branch, signal, tip =>
      placesAt(this.mirror, tip)(target),
    );
    return images;
  }

  /** Reads at the newest commit of the branch; once more when the mirror turns out to be broken. */
  async atTip<T>(
    branch: string,
    signal: AbortSignal,
    read: (tip: string) => Promise<T>,
  ): Promise<T> {
    try {
      return await read(await this.fetchTip(branch, signal));
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      return read(await this.fetchTip(branch, signal));
    }
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

  async #draft(base: string, change: FleetChange): Promise<Draft> {
    const { promotion, location } = change;
    const earlier = await this.#findByTrailer(
      { branch: location.branch, tip: base },
      promotionTrailer,
      promotion,
    );
    const plan = earlier
      ? { edits: [], skipsAnalysis: false }
      : await planChange(this.mirror, base, change);
    return {
      ...plan,
      earlier,
      isRecord: change.targets.length === 0,
      trailers: [
        ...change.trailers,
        ...(plan.skipsAnalysis ? [skipsAnalysis] : []),
        [promotionTrailer, promotion],
      ],
    };
  }

  async #write(
    change: Signed,
    draft: (base: string) => Promise<Draft>,
    signal: AbortSignal,
  ): Promise<Written> {
    const { branch } = change.location;
    const pause = new Pause({ first: 30, longest: 500 });
    let refusal = '';
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      signal.throwIfAborted();
      const outcome = await this.#attempt(change, draft, signal);
      if (outcome.written) return outcome.written;
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
  async #attempt(
    { author, subject, location: { branch } }: Signed,
    draft: (base: string) => Promise<Draft>,
    signal: AbortSignal,
  ): Promise<{ readonly written?: Written; readonly refusal: string }> {
    const parent = await this.#fetch(branch);
    const done = (written: Written) => ({ written, refusal: '' });
    try {
      const {
        earlier,
        edits: files,
        trailers,
        skipsAnalysis: isSkipped,
        isRecord,
      } = await draft(parent);
      if (earlier) return done(asWritten(earlier, branch));
      if (files.length === 0 && !isRecord) {
        return done({ sha: parent, branch, changed: false });
      }
      signal.throwIfAborted();
      const time = this.clock();
      const message = commitMessage({ subject, trailers });
      const commit = { parent, author, committer, time, message, files };
      const sha = await this.mirror.write(commit);
      const outcome = await this.mirror.push(sha, branch);
      return outcome.kind === 'accepted'
        ? done(asWritten({ sha, skipsAnalysis: isSkipped }, branch))
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
    { branch, tip }: { readonly branch: string; readonly tip: string },
    trailer: PromotionTrailer,
    promotion: string,
  ): Promise<ToldCommit | undefined> {
    const told = this.#told.get(branch) ?? new ToldCommits(this.mirror);
    this.#told.set(branch, told);
    return (await told.in(tip))
      .filter(commit => namedBy(commit, trailer).includes(promotion))
      .at(-1);
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

/** The promotions that a trailer of a commit names. */
function namedBy(
  { promotions, restores, colours }: ToldCommit,
  trailer: PromotionTrailer,
): readonly string[] {
  switch (trailer) {
    case promotionTrailer:
      return promotions;
    case restoringTrailer:
      return restores;
    default:
      return colours[trailer];
  }
}

function asWritten(
  { sha, skipsAnalysis: isSkipped }: Pick<ToldCommit, 'sha' | 'skipsAnalysis'>,
  branch: string,
): Written {
  return {
    sha,
    branch,
    changed: true,
    ...(isSkipped && { skipsAnalysis: true }),
  };
}
