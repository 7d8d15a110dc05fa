// SPDX-License-Identifier: Apache-2.0
import {
  colouredName,
  describeColours,
  describeDaemonSet,
  describeJob,
  describeFlux,
  describeWorkload,
  leastFresh,
  type Freshness,
  type ObservedDaemonSet,
  type ObservedDeployment,
  type ObservedGitRepository,
  type ObservedIdentity,
  type ObservedJob,
  type ObservedKustomization,
  type ObservedService,
  type SmokeTestState,
  type Target,
  type TargetState,
} from '@causeway/plugin-delivery-common';
import type {
  EngineObjects,
  EngineView,
  ProgressiveEngine,
  WatchedKind,
} from '@causeway/plugin-delivery-node';
import type { ClusterTransport } from './ClusterTransport';
import { KindWatch, type WatchLimits } from './KindWatch';
import { rest } from './pause';
import { keyOf, type Snapshot } from './snapshot';
import {
  deployments,
  gitRepositories,
  kustomizations,
  services,
  smokeTests,
} from './watchedKinds';

/** A kind that is followed by its watch. */
export type FollowedKind = Pick<
  KindWatch<never>,
  'follow' | 'alive' | 'lost' | 'retry' | 'heardAt'
>;

/** What a cluster cache is made of. */
export interface ClusterCacheOptions {
  readonly transport: ClusterTransport;
  /** The first that knows a workload counts. */
  readonly engines: readonly ProgressiveEngine[];
  readonly limits: WatchLimits;
  readonly clock: () => Date;
  /** Called after each real change, freshness included. */
  readonly changed: () => void;
  /**
   * Kinds of others that are followed with the same connection. They say nothing about the freshness
   * of this cache, and their changes are not its changes.
   */
  readonly beside?: readonly FollowedKind[];
  /** A DaemonSet, where somebody follows them beside. */
  readonly daemonSet?: (
    key: Pick<ObservedIdentity, 'namespace' | 'name'>,
  ) => ObservedDaemonSet | undefined;
}

/**
 * One cluster in memory. Guarantees:
 * - Readers never wait for the cluster, and what they get says how old it is.
 * - One watch per kind, whoever reads; nothing is asked of the cluster because somebody looks.
 * - A cluster that hangs is stale after `limits.silence`, although its connections stay open: one
 *   that was silent for `limits.heartbeat` is asked whether it lives.
 * - The revision grows exactly when something that is kept, or the state of freshness, changes.
 *
 * The kinds are followed apart from each other, so their objects are not of one moment: Flux
 * may already say "applied" while the Deployment is still the older one, and the other way round.
 */
export class ClusterCache {
  readonly #kustomizations: KindWatch<ObservedKustomization>;
  readonly #gitRepositories: KindWatch<ObservedGitRepository>;
  readonly #deployments: KindWatch<ObservedDeployment>;
  readonly #services: KindWatch<ObservedService>;
  readonly #smokeTests: KindWatch<ObservedJob>;
  /** What engines are known by. */
  readonly #ofEngines: ReadonlyMap<
    WatchedKind,
    Pick<KindWatch<ObservedIdentity>, 'snapshot' | 'freshness' | 'missing'>
  >;
  readonly #kinds: readonly Pick<
    KindWatch<ObservedIdentity>,
    | 'freshness'
    | 'follow'
    | 'alive'
    | 'lost'
    | 'retry'
    | 'heardAt'
    | 'missing'
    | 'detail'
    | 'snapshot'
  >[];
  /** Own kinds and those of others. */
  readonly #followed: readonly FollowedKind[];
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
    this.#services = new KindWatch(services, around);
    this.#smokeTests = new KindWatch(smokeTests, around);
    const ofEngines = new Map(
      options.engines
        .flatMap(({ kinds }) => kinds)
        .map(kind => [kind, new KindWatch(kind, around)] as const),
    );
    this.#ofEngines = ofEngines;
    this.#kinds = [
      this.#kustomizations,
      this.#gitRepositories,
      this.#deployments,
      this.#services,
      this.#smokeTests,
      ...ofEngines.values(),
    ];
    this.#followed = [...this.#kinds, ...(options.beside ?? [])];
  }

  /** Grows with every real change, freshness included. */
  get revision(): number {
    return this.#revision;
  }

  /** Objects held in memory. */
  get objects(): number {
    return this.#kinds.reduce((sum, { snapshot }) => sum + snapshot.size, 0);
  }

  /** Follows the cluster until `signal` aborts; resolves when all has ended. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      ...this.#followed.map(kind => kind.follow(signal)),
      this.#beat(signal),
    ]);
  }

  /** The Deployments, by `namespace/name`; another map when anything about one has changed. */
  get deployments(): Snapshot<ObservedDeployment> {
    return this.#deployments.snapshot;
  }

  /** Of the whole cluster: its worst kind, leaving out details and kinds that the cluster does not serve. */
  freshness(): Freshness {
    const now = this.options.clock();
    const decisive = this.#kinds.filter(kind => !kind.detail);
    const served = decisive.filter(kind => !kind.missing);
    const parts = served.length > 0 ? served : decisive;
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
    return {
      target,
      freshness: this.#freshnessFor(kustomization, target),
      flux: kustomization && describeFlux(kustomization, source),
      ...(this.#deployments.heardAt
        ? this.#served(target)
        : { workload: undefined }),
    };
  }

  get #objects(): EngineObjects {
    return {
      deployments: this.#deployments.snapshot,
      of: kind => this.#snapshotOf(kind),
    };
  }

  #snapshotOf<T extends ObservedIdentity>(kind: WatchedKind<T>): Snapshot<T> {
    const watch = this.#ofEngines.get(kind);
    // It watches this very kind, so all that it holds was trimmed to its type.
    return (watch?.snapshot ?? new Map()) as Snapshot<T>;
  }

  /** The engine that gives new versions of a workload their traffic, and the view it has of that. */
  engineFor(
    workload: Target['workload'],
  ):
    | { readonly engine: ProgressiveEngine; readonly view: EngineView }
    | undefined {
    for (const engine of this.options.engines) {
      const view = engine.describe(workload, this.#objects);
      if (view) return { engine, view };
    }
    return undefined;
  }

  /** What serves users for a target, and the engine that moves its traffic, if there is one. */
  #served(
    target: Target,
  ): Pick<TargetState, 'workload' | 'canary' | 'colours'> {
    const { workload } = target;
    if (target.coloured) return this.#coloured(target);
    if (workload.kind === 'DaemonSet') {
      return {
        workload: describeDaemonSet(this.options.daemonSet?.(workload)),
      };
    }
    const found = this.engineFor(workload);
    if (found) {
      const { view } = found;
      return { workload: view.workload, canary: view.run };
    }
    const deployment = this.#deployments.snapshot.get(keyOf(workload));
    return { workload: describeWorkload(deployment) };
  }

  #coloured({
    workload,
    smokeTest,
  }: Target): Pick<TargetState, 'workload' | 'colours'> {
    const { namespace, name } = workload;
    const deployment = (colour: 'blue' | 'green') =>
      this.#deployments.snapshot.get(
        keyOf({ namespace, name: colouredName(name, colour) }),
      );
    const shown = describeColours(name, {
      service: this.#services.snapshot.get(keyOf(workload)),
      blue: deployment('blue'),
      green: deployment('green'),
    });
    const colours = smokeTest
      ? { ...shown, smokeTests: this.#tried(namespace, smokeTest) }
      : shown;
    return {
      colours,
      workload: colours.live
        ? colours[colours.live]
        : { ...describeWorkload(undefined), message: colours.problem },
    };
  }

  /** The Jobs of a namespace that try a colour, by name. */
  #tried(
    namespace: string,
    smokeTest: string,
  ): Readonly<Record<string, SmokeTestState>> {
    return Object.fromEntries(
      [...this.#smokeTests.snapshot.values()]
        .filter(
          job =>
            job.namespace === namespace && job.name.startsWith(`${smokeTest}-`),
        )
        .map(job => [job.name, describeJob(job)]),
    );
  }

  /** Of what a statement about a target rests on. The source counts where it is a GitRepository. */
  #freshnessFor(
    kustomization: ObservedKustomization | undefined,
    { coloured, smokeTest }: Target,
  ): Freshness {
    const now = this.options.clock();
    const other =
      kustomization && kustomization.source.kind !== 'GitRepository';
    const parts = [
      this.#kustomizations,
      this.#deployments,
      ...(other ? [] : [this.#gitRepositories]),
      ...(coloured ? [this.#services] : []),
      ...(smokeTest ? [this.#smokeTests] : []),
      // Without them it is not known whether the workload itself serves anybody.
      ...[...this.#ofEngines].flatMap(([kind, watch]) =>
        watch.missing || kind.detail ? [] : [watch],
      ),
    ];
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
        this.#followed.forEach(kind => kind.alive(heardAt));
        continue;
      }
      const answer = await transport.probe(signal);
      if (signal.aborted) return;
      const failure = answer.ok ? undefined : answer.failure;
      if (failure?.kind === 'unreachable' || failure?.kind === 'failing') {
        down = true;
        this.#followed.forEach(kind => kind.lost(failure));
        continue;
      }
      const now = clock();
      provedAt = now;
      this.#followed.forEach(kind => kind.alive(now));
      if (down) this.#followed.forEach(kind => kind.retry());
      down = false;
    }
  }

  /** When the cluster said something the last time, about whatever kind, but not before `since`. */
  #heardSince(since: Date): Date {
    return this.#followed.reduce(
      (latest, { heardAt }) => (heardAt && heardAt > latest ? heardAt : latest),
      since,
    );
  }
}
