// SPDX-License-Identifier: Apache-2.0
import {
  freshness,
  type Freshness,
  type ListeningFailure,
  type ObservedIdentity,
} from '@causeway/plugin-delivery-common';
import type { WatchedKind } from '@causeway/plugin-delivery-node';
import { changes, type ListLimits } from './changes';
import type { ClusterTransport, TransportFailure } from './ClusterTransport';
import { Pause } from './pause';
import {
  resumeAfter,
  SnapshotStore,
  type ObjectStore,
  type Resume,
  type Change,
  type Snapshot,
} from './snapshot';

/** Bounds and rhythm of watching, in milliseconds and objects. */
export interface WatchLimits extends ListLimits {
  /** A cluster that was silent for so long is asked whether it lives. */
  readonly heartbeat: number;
  /** A cluster that was silent for longer is stale. Longer than the heartbeat and one time limit of an answer. */
  readonly silence: number;
  /** First wait after a failure. */
  readonly firstPause: number;
  /** Longest wait after failures. */
  readonly longestPause: number;
  /** First wait for a kind that the cluster does not serve; those after it get longer. */
  readonly missingPause: number;
  /** Longest wait for such a kind. */
  readonly longestMissingPause: number;
}

export const defaultWatchLimits: WatchLimits = {
  page: 500,
  objects: 20_000,
  heartbeat: 8_000,
  silence: 14_000,
  firstPause: 250,
  longestPause: 30_000,
  missingPause: 60_000,
  longestMissingPause: 600_000,
};

interface Surroundings {
  readonly transport: ClusterTransport;
  readonly limits: WatchLimits;
  readonly clock: () => Date;
  /** Called after the objects, the state of freshness or its problem have really changed. */
  readonly changed: () => void;
}

/**
 * The objects of one kind in one cluster, kept up to date by one watch.
 *
 * Readers get the last snapshot at once, however the cluster does. Four things can end a stream,
 * and each has one answer: an orderly end goes on from the last version; a cut goes on from the
 * last version; a forgotten version and an unreadable event begin again with a list, since
 * something may have been missed. What a failed list leaves in memory stays, marked by its freshness.
 * A cut alone is no failure to show, because most heal at once; failing to come back is.
 */
export class KindWatch<T extends ObservedIdentity> {
  #heardAt: Date | undefined;
  #failure: ListeningFailure | undefined;
  #open = false;
  #missing = false;
  #shown = '';
  readonly #startedAt: Date;
  readonly #pause: Pause;
  /** A kind that is not served now is rarely served a minute later. */
  readonly #missingPause: Pause;

  constructor(
    private readonly kind: WatchedKind<T>,
    private readonly around: Surroundings,
    private readonly store: ObjectStore<T> = new SnapshotStore<T>(),
  ) {
    this.#startedAt = around.clock();
    this.#pause = new Pause({
      first: around.limits.firstPause,
      longest: around.limits.longestPause,
    });
    this.#missingPause = new Pause({
      first: around.limits.missingPause,
      longest: around.limits.longestMissingPause,
    });
  }

  get snapshot(): Snapshot<T> {
    return this.store.snapshot;
  }

  /** When the cluster said something about this kind the last time. */
  get heardAt(): Date | undefined {
    return this.#heardAt;
  }

  /** The cluster answers and does not serve this kind. */
  get missing(): boolean {
    return this.#missing;
  }

  /** It only explains what other kinds show. */
  get detail(): boolean {
    return this.kind.detail === true;
  }

  freshness(now: Date): Freshness {
    return freshness(
      this.#heardAt?.toISOString(),
      this.#failure,
      now.toISOString(),
      {
        startedAt: this.#startedAt.toISOString(),
        silence: this.around.limits.silence,
      },
    );
  }

  /** Follows the cluster until `signal` aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    let resume: Resume = { from: 'list' };
    while (!signal.aborted) {
      const from: Resume = resume;
      resume = await this.#listen(from, signal).catch(error =>
        this.#broken(from, this.#unread(error)),
      );
      this.#open = false;
      if (signal.aborted) return;
      if (!this.#missing) this.#missingPause.reset();
      await (this.#missing ? this.#missingPause : this.#pause).wait(signal);
    }
  }

  /** The cluster proved at that moment that it lives; that counts for an open stream only. */
  alive(at: Date): void {
    if (this.#open && this.#heardAt && at > this.#heardAt) this.#hear(at);
    this.#show(false);
  }

  /** The cluster proved that it does not, although no stream has noticed. */
  lost(failure: TransportFailure): void {
    this.#fail(failure);
  }

  /** Tries again now instead of later. */
  retry(): void {
    if (!this.#missing) this.#pause.wake();
  }

  /** One list (where needed) and one watch. Returns where to go on. */
  async #listen(from: Resume, signal: AbortSignal): Promise<Resume> {
    const { transport, limits } = this.around;
    let resume = from;
    for await (const heard of changes(
      transport,
      this.kind,
      from,
      limits,
      signal,
    )) {
      if (signal.aborted) break;
      if (heard.type === 'failed') return this.#broken(resume, heard.failure);
      this.#take(heard.change);
      resume = resumeAfter(resume, heard.change);
      if (this.snapshot.size > limits.objects) return { from: 'list' };
    }
    return resume;
  }

  #broken(resume: Resume, failure: TransportFailure): Resume {
    const again: Resume = { from: 'list' };
    if (failure.kind === 'expired') return again;
    if (!this.#open) this.#fail(failure);
    return failure.kind === 'malformed' || failure.kind === 'missing'
      ? again
      : resume;
  }

  /** Kinds may be another module's, and a mistake in one is to be seen instead of an end of all news. */
  #unread(error: unknown): TransportFailure {
    return {
      kind: 'malformed',
      problem: `What the cluster says of ${this.kind.name} could not be understood: ${error}`,
    };
  }

  #take(change: Change<T>): void {
    if (change.type === 'opened') this.#open = true;
    else this.#pause.reset();
    const changed = this.store.take(change);
    this.#hear(this.around.clock());
    this.#show(changed);
  }

  #hear(at: Date): void {
    this.#heardAt = at;
    this.#failure = undefined;
    this.#missing = false;
  }

  #fail({ kind, problem }: TransportFailure): void {
    const at = this.around.clock().toISOString();
    const known = kind === 'unreachable' || kind === 'forbidden';
    // A cluster that stops answering has not begun to serve it.
    this.#missing =
      kind === 'missing' || (this.#missing && kind !== 'forbidden');
    this.#failure = {
      kind: known ? kind : 'failing',
      since: this.#failure?.since ?? at,
      at,
      problem:
        kind === 'missing'
          ? `The cluster serves no ${this.kind.name}. ${this.kind.hint}`
          : problem,
    };
    this.#show(false);
  }

  #show(changed: boolean): void {
    const now = this.freshness(this.around.clock());
    const problem = 'problem' in now ? now.problem : '';
    const shown = `${now.state} ${problem}`;
    if (!changed && shown === this.#shown) return;
    this.#shown = shown;
    this.around.changed();
  }
}
