// SPDX-License-Identifier: Apache-2.0
import {
  describeFlux,
  describeWorkload,
  leastFresh,
  type Freshness,
  type ObservedDeployment,
  type ObservedGitRepository,
  type ObservedKustomization,
  type Target,
  type TargetState,
} from '@causeway/plugin-delivery-common';
import type { ClusterTransport } from './ClusterTransport';
import { KindWatch, type WatchLimits } from './KindWatch';
import { rest } from './pause';
import { keyOf } from './snapshot';
import { deployments, gitRepositories, kustomizations } from './watchedKinds';

/** What a cluster cache is made of. */
export interface ClusterCacheOptions {
  readonly transport: ClusterTransport;
  readonly limits: WatchLimits;
  readonly clock: () => Date;
  /** Called after each real change, freshness included. */
  readonly changed: () => void;
}

/**
 * One cluster in memory. Guarantees:
 * - Readers never wait for the cluster, and what they get says how old it is.
 * - One watch per kind, whoever reads; nothing is asked of the cluster because somebody looks.
 * - A cluster that hangs is stale after `limits.silence`, although its connections stay open: one
 *   that was silent for `limits.heartbeat` is asked whether it lives.
 * - The revision grows exactly when something that is kept, or the state of freshness, changes.
 *
 * The three kinds are followed apart from each other, so their objects are not of one moment: Flux
 * may already say "applied" while the Deployment is still the older one, and the other way round.
 */
export class ClusterCache {
  readonly #kustomizations: KindWatch<ObservedKustomization>;
  readonly #gitRepositories: KindWatch<ObservedGitRepository>;
  readonly #deployments: KindWatch<ObservedDeployment>;
  readonly #kinds: readonly Pick<
    KindWatch<never>,
    'freshness' | 'follow' | 'alive' | 'lost' | 'retry' | 'heardAt' | 'missing'
  >[];
  #revision = 0;

  constructor(private readonly options: ClusterCacheOptions) {
    const around = {
      ...options,
      changed: () => {
        this.#revision += 1;
        options.changed();
      },
    };
    this.#kustomizations = new KindWatch(kustomizations, around);
    this.#gitRepositories = new KindWatch(gitRepositories, around);
    this.#deployments = new KindWatch(deployments, around);
    this.#kinds = [
      this.#kustomizations,
      this.#gitRepositories,
      this.#deployments,
    ];
  }

  /** Grows with every real change, freshness included. */
  get revision(): number {
    return this.#revision;
  }

  /** Objects held in memory. */
  get objects(): number {
    return (
      this.#kustomizations.snapshot.size +
      this.#gitRepositories.snapshot.size +
      this.#deployments.snapshot.size
    );
  }

  /** Follows the cluster until `signal` aborts; resolves when all has ended. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      ...this.#kinds.map(kind => kind.follow(signal)),
      this.#beat(signal),
    ]);
  }

  /** Of the whole cluster: its worst kind, leaving out kinds that the cluster does not serve. */
  freshness(): Freshness {
    const now = this.options.clock();
    const served = this.#kinds.filter(kind => !kind.missing);
    const parts = served.length > 0 ? served : this.#kinds;
    return this.#worst(parts.map(kind => kind.freshness(now)));
  }

  /** What is known about a target of this cluster now. */
  targetState(target: Target): TargetState {
    const kustomization = this.#kustomizations.snapshot.get(
      keyOf(target.kustomization),
    );
    const source =
      kustomization?.source.kind === 'GitRepository'
        ? this.#gitRepositories.snapshot.get(keyOf(kustomization.source))
        : undefined;
    const workloads = this.#deployments;
    return {
      target,
      freshness: this.#freshnessFor(kustomization),
      flux: kustomization && describeFlux(kustomization, source),
      workload: workloads.heardAt
        ? describeWorkload(workloads.snapshot.get(keyOf(target.workload)))
        : undefined,
    };
  }

  /** Of what a statement about a target rests on. The source counts where it is a GitRepository. */
  #freshnessFor(kustomization: ObservedKustomization | undefined): Freshness {
    const now = this.options.clock();
    const other =
      kustomization && kustomization.source.kind !== 'GitRepository';
    const parts = other
      ? [this.#kustomizations, this.#deployments]
      : [this.#kustomizations, this.#gitRepositories, this.#deployments];
    return this.#worst(parts.map(kind => kind.freshness(now)));
  }

  #worst(parts: readonly Freshness[]): Freshness {
    const worst = leastFresh(parts);
    if (!worst) throw new Error('A cluster has no watched kinds.');
    return worst;
  }

  /**
   * Asks a silent cluster whether it lives, and lets a cluster that came back be read at once. What
   * one stream heard counts for the others that are open, from the moment when it was heard.
   */
  async #beat(signal: AbortSignal): Promise<void> {
    const { limits, clock, transport } = this.options;
    let provedAt = clock();
    let down = false;
    while (!signal.aborted) {
      const silent = clock().getTime() - this.#heardSince(provedAt).getTime();
      await rest(
        down ? limits.heartbeat / 2 : limits.heartbeat - silent,
        signal,
      );
      if (signal.aborted) return;
      const heardAt = this.#heardSince(provedAt);
      if (!down && clock().getTime() - heardAt.getTime() < limits.heartbeat) {
        this.#kinds.forEach(kind => kind.alive(heardAt));
        continue;
      }
      const answer = await transport.probe(signal);
      if (signal.aborted) return;
      const failure = answer.ok ? undefined : answer.failure;
      if (failure?.kind === 'unreachable' || failure?.kind === 'failing') {
        down = true;
        this.#kinds.forEach(kind => kind.lost(failure));
        continue;
      }
      const now = clock();
      provedAt = now;
      this.#kinds.forEach(kind => kind.alive(now));
      if (down) this.#kinds.forEach(kind => kind.retry());
      down = false;
    }
  }

  /** When the cluster said something the last time, about whatever kind, but not before `since`. */
  #heardSince(since: Date): Date {
    return this.#kinds.reduce(
      (latest, { heardAt }) => (heardAt && heardAt > latest ? heardAt : latest),
      since,
    );
  }
}
