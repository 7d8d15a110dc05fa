// SPDX-License-Identifier: Apache-2.0
import type {
  AuthService,
  BackstageCredentials,
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import type { ClusterDetails } from '@backstage/plugin-kubernetes-node';
import type {
  EngineOrder,
  OrderOutcome,
  Target,
  TargetState,
} from '@causeway/plugin-delivery-common';
import type {
  ClusterAccess,
  PortalClusters as HandedOver,
  ProgressiveEngine,
} from '@causeway/plugin-delivery-node';
import { abortable } from './abortable';
import { ActingCluster } from './ActingCluster';
import { ClusterCache } from './ClusterCache';
import type { ClusterGuest } from './ClusterGuest';
import { signIn } from './ClusterConnection';
import type { Clusters, ClusterStatus, OnBehalfOf } from './Clusters';
import type { ClusterTransport, ClusterWrites } from './ClusterTransport';
import {
  defaultTransportLimits,
  HttpClusterTransport,
  type TransportLimits,
} from './HttpClusterTransport';
import { defaultWatchLimits, type WatchLimits } from './KindWatch';
import { rest } from './pause';
import { knownEngines } from '../engines/knownEngines';
import { orderEngine } from './orderEngine';
import { requestReconcile } from './requestReconcile';
import { withBreaker, type BreakerLimits } from './withBreaker';

/** What the portal's clusters need to be watched. */
export interface PortalClustersOptions {
  /** Where the Kubernetes plugin leaves its clusters. */
  readonly access: ClusterAccess;
  /** Credentials of this plugin, for listing the clusters. */
  readonly credentials: () => Promise<BackstageCredentials>;
  readonly logger: LoggerService;
  /** What may give new versions their traffic. Default: {@link knownEngines}. */
  readonly engines?: readonly ProgressiveEngine[];
  /** Follows kinds of its own in every cluster. */
  readonly guest?: ClusterGuest;
  readonly clock?: () => Date;
  /** Write to clusters under the name of the user, by impersonation. Default false. */
  readonly impersonate?: boolean;
  readonly watchLimits?: Partial<WatchLimits>;
  readonly transportLimits?: Partial<TransportLimits>;
  readonly breakerLimits?: Partial<BreakerLimits>;
  /** Milliseconds between looks at the portal's list of clusters. Default one minute. */
  readonly refresh?: number;
}

interface Watched {
  readonly details: ClusterDetails;
  /** Tells whether the configuration of a cluster has changed. */
  readonly fingerprint: string;
  readonly cache: ClusterCache;
  readonly transport: ClusterTransport;
  /** Without the breaker: whoever acts on a device tries again by itself. */
  readonly direct: ClusterTransport & ClusterWrites;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/**
 * The clusters of the portal's `kubernetes` configuration, watched in the background.
 *
 * `start` returns at once, because the Kubernetes plugin may hand its clusters over late or never.
 * Clusters are followed apart from each other: one that hangs, fails or refuses delays no other.
 * A cluster that is taken out of the configuration is forgotten; one whose address or sign-in
 * changed is read anew.
 */
export class PortalClusters implements Clusters {
  readonly #clusters = new Map<string, Watched>();
  readonly #listeners = new Set<
    (change: { readonly cluster: string }) => void
  >();
  readonly #stop = new AbortController();
  readonly #clock: () => Date;
  readonly #startedAt: Date;
  #revision = 0;
  #connected = false;
  #running: Promise<void> | undefined;

  constructor(private readonly options: PortalClustersOptions) {
    this.#clock = options.clock ?? (() => new Date());
    this.#startedAt = this.#clock();
  }

  /** Reads `delivery.clusters` of the portal's configuration. */
  static fromConfig(
    config: RootConfigService,
    services: {
      readonly access: ClusterAccess;
      readonly auth: AuthService;
      readonly logger: LoggerService;
      readonly engines: readonly ProgressiveEngine[];
      readonly guest?: ClusterGuest;
    },
  ): PortalClusters {
    const { access, auth, logger, engines, guest } = services;
    const own = config.getOptionalConfig('delivery.clusters');
    const objects = own?.getOptionalNumber('maximumObjects');
    return new PortalClusters({
      access,
      logger,
      engines,
      guest,
      credentials: () => auth.getOwnServiceCredentials(),
      impersonate: own?.getOptionalBoolean('impersonate'),
      watchLimits: objects === undefined ? {} : { objects },
    });
  }

  /** Begins to watch in the background. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends every watch; resolves when all have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const watched = [...this.#clusters.values()];
    this.#clusters.clear();
    watched.forEach(({ end }) => end());
    await Promise.all(watched.map(({ ended }) => ended));
    if (this.#connected) await this.#running;
  }

  list(): readonly ClusterStatus[] {
    return [...this.#clusters.values()].map(({ details, cache }) => ({
      name: details.name,
      title: details.title ?? details.name,
      freshness: cache.freshness(),
      objects: cache.objects,
      revision: cache.revision,
    }));
  }

  targetState(target: Target): TargetState {
    const watched = this.#clusters.get(target.cluster);
    if (watched) return watched.cache.targetState(target);
    return {
      target,
      freshness: {
        state: 'never',
        since: this.#startedAt.toISOString(),
        problem: this.#unknown(target.cluster),
      },
    };
  }

  revision(): number {
    return this.#revision;
  }

  subscribe(
    listener: (change: { readonly cluster: string }) => void,
  ): () => void {
    // Wrapped, so that subscribing one function twice needs ending twice.
    const own = (change: { readonly cluster: string }) => listener(change);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  async requestReconcile(
    target: Target,
    token: string,
    behalf: OnBehalfOf,
    signal: AbortSignal,
  ): Promise<void> {
    const watched = this.#clusters.get(target.cluster);
    if (!watched) {
      throw new ServiceUnavailableError(this.#unknown(target.cluster));
    }
    const asUser = this.#userOf(behalf);
    await requestReconcile(watched.transport, target, token, asUser, signal);
    this.options.logger.info(
      `Asked Flux in ${target.cluster} to reconcile ${target.kustomization.namespace}/${target.kustomization.name}`,
      { actor: behalf.actor, promotion: behalf.promotion },
    );
  }

  async orderEngine(
    target: Target,
    order: EngineOrder,
    behalf: OnBehalfOf,
    signal: AbortSignal,
  ): Promise<Exclude<OrderOutcome, 'refused'>> {
    const watched = this.#clusters.get(target.cluster);
    if (!watched) {
      throw new ServiceUnavailableError(this.#unknown(target.cluster));
    }
    const found = watched.cache.engineFor(target.workload);
    // It went away, or another one took its place, after the order was thought of.
    if (!found?.engine.orders) return 'overtaken';
    const { view } = found;
    const outcome = await orderEngine(
      watched.transport,
      found.engine.orders,
      view.run,
      order,
      this.#userOf(behalf),
      signal,
    );
    this.options.logger.info(
      `Told ${view.run.engine} in ${target.cluster} about ${view.run.namespace}/${view.run.name}: ${order.kind} (${outcome})`,
      { actor: behalf.actor, promotion: behalf.promotion },
    );
    return outcome;
  }

  /**
   * A cluster to act on, for as long as `signal` lasts; undefined when the portal has none of that
   * name.
   */
  actOn(
    cluster: string,
    { actor }: Pick<OnBehalfOf, 'actor'>,
    signal: AbortSignal,
  ): ActingCluster | undefined {
    const watched = this.#clusters.get(cluster);
    const user = this.#userOf({ actor });
    return watched && new ActingCluster(cluster, watched.direct, user, signal);
  }

  /** Whose name a write bears, where the configuration wants that. */
  #userOf({ actor }: Pick<OnBehalfOf, 'actor'>): string | undefined {
    return this.options.impersonate && actor.startsWith('user:')
      ? actor
      : undefined;
  }

  #unknown(cluster: string): string {
    return this.#connected
      ? `The portal's kubernetes configuration has no cluster "${cluster}".`
      : 'The clusters of the Kubernetes plugin are not connected yet.';
  }

  async #run(): Promise<void> {
    const handedOver = await this.options.access.provided();
    while (!this.#stop.signal.aborted) {
      await this.#refresh(handedOver);
      await rest(this.options.refresh ?? 60_000, this.#stop.signal);
    }
  }

  /** A list that can not be read says nothing about clusters, so the known ones stay. */
  async #refresh(handedOver: HandedOver): Promise<void> {
    let found: readonly ClusterDetails[];
    try {
      const credentials = await this.options.credentials();
      const inTime = AbortSignal.timeout(30_000);
      found = await abortable(
        handedOver.clusterSupplier.getClusters({ credentials }),
        AbortSignal.any([this.#stop.signal, inTime]),
      );
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.options.logger.warn(
        `The portal's clusters could not be listed: ${error}`,
      );
      return;
    }
    if (this.#stop.signal.aborted) return;
    this.#connected = true;
    const byName = new Map(found.map(details => [details.name, details]));
    for (const [name, watched] of this.#clusters) {
      const details = byName.get(name);
      if (details && fingerprint(details) === watched.fingerprint) continue;
      this.#clusters.delete(name);
      watched.end();
      this.#tell(name);
    }
    for (const [name, details] of byName) {
      if (this.#clusters.has(name)) continue;
      this.#clusters.set(name, this.#watch(details, handedOver));
      this.#tell(name);
    }
  }

  #watch(details: ClusterDetails, handedOver: HandedOver): Watched {
    const { watchLimits, transportLimits, breakerLimits } = this.options;
    const provider = details.authMetadata['kubernetes.io/auth-provider'];
    const direct = new HttpClusterTransport(
      () => signIn(details, handedOver.authStrategyMap[provider]),
      { ...defaultTransportLimits, ...transportLimits },
    );
    const transport = withBreaker(direct, {
      failures: 5,
      rest: 3_000,
      ...breakerLimits,
    });
    const limits = { ...defaultWatchLimits, ...watchLimits };
    const stay = this.options.guest?.join({
      name: details.name,
      title: details.title ?? details.name,
      transport,
      limits,
      clock: this.#clock,
      deployments: () =>
        this.#clusters.get(details.name)?.cache.deployments ?? new Map(),
    });
    const cache = new ClusterCache({
      transport,
      engines: this.options.engines ?? knownEngines(),
      limits,
      clock: this.#clock,
      changed: () => this.#tell(details.name),
      beside: stay?.kinds,
      daemonSet: stay?.daemonSet,
    });
    const stop = new AbortController();
    return {
      details,
      fingerprint: fingerprint(details),
      cache,
      transport,
      direct,
      ended: cache.run(stop.signal),
      end: () => {
        stop.abort();
        transport.close();
        stay?.leave();
      },
    };
  }

  #tell(cluster: string): void {
    this.#revision += 1;
    for (const listener of this.#listeners) listener({ cluster });
  }
}

function fingerprint(details: ClusterDetails): string {
  return JSON.stringify(details);
}
