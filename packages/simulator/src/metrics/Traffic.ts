// SPDX-License-Identifier: Apache-2.0
import { Pod, readyCondition } from '../controllers/workloads/workloads';
import type { Clock } from '../time/Scheduler';
import type { LabelMatcher, Series, SeriesSource } from './SeriesSource';
import { columnCount } from './traffic/counters';
import { ChunkBudget } from './traffic/CounterTable';
import { TrafficEffects } from './traffic/effects';
import { identityOf } from './traffic/podIdentity';
import { FixedProfile, profileOf, ServiceProfile } from './traffic/profile';
import {
  assignTraffic,
  Assignment,
  RouteView,
  ServiceView,
} from './traffic/routes';
import { PodSurroundings, TrafficPod } from './traffic/TrafficPod';
import {
  podSeries,
  traefikSeries,
  trafficMetrics,
} from './traffic/trafficSeries';

/** What decides the traffic of a cluster. */
export interface TrafficOptions {
  /** The same seed, names and events give the same series. */
  readonly seed: string;
  readonly clock: Clock;
  /** The name by which effects find the cluster. */
  readonly cluster?: string;
  /** What is done to the traffic on purpose, shared with other clusters; its own when left out. */
  readonly effects?: TrafficEffects;
  /** How much is kept computed, shared with other clusters; its own, some 25 MB, when left out. */
  readonly budget?: ChunkBudget;
  /** What is fixed about services, by `namespace/name`; the seed decides the rest. */
  readonly profiles?: Readonly<Record<string, FixedProfile>>;
  /** Milliseconds during which services that appear have always been there. Default five minutes. */
  readonly settling?: number;
  /** Milliseconds that can be looked back. Default 24 hours. */
  readonly history?: number;
}

/** Everything in a namespace that traffic depends on. */
export interface NamespaceView {
  readonly pods: readonly Pod[];
  readonly services: readonly ServiceView[];
  readonly routes: readonly RouteView[];
}

const hour = 3_600_000;
const usualHistory = 24 * hour;
/** A query at the edge of the history looks back a little more. */
const margin = hour;
/** Flagger needs some looks before users reach a service through it. */
const usualSettling = 300_000;
/** Hours of a pod's counters that are kept computed. */
const usualChunks = 480;

/**
 * The requests to the services of a cluster, as the metrics of its pods and
 * proxies show them, over the last hours. It is told what is in the cluster
 * by `see`; what it is told holds from that moment on, never before, so that
 * no answer is ever contradicted by a later one. The one exception: services
 * that come up while the cluster does have always been there as they are.
 */
export class Traffic implements SeriesSource {
  readonly metrics = trafficMetrics;
  /** What is done to the traffic on purpose. */
  readonly effects: TrafficEffects;
  readonly #startedAt: number;
  readonly #history: number;
  readonly #pods = new Map<string, TrafficPod>();
  readonly #founded = new Set<string>();
  readonly #profiles = new Map<string, ServiceProfile>();
  /** What proxies have counted for pods that are forgotten. */
  readonly #forgotten = new Map<string, Float64Array>();
  readonly #budget: ChunkBudget;

  constructor(private readonly options: TrafficOptions) {
    this.effects = options.effects ?? new TrafficEffects(options.clock);
    this.#budget = options.budget ?? new ChunkBudget(usualChunks);
    this.#startedAt = this.#now();
    this.#history = options.history ?? usualHistory;
  }

  /** From when on new services have no history, in milliseconds. */
  get settledAt(): number {
    return this.#startedAt + (this.options.settling ?? usualSettling);
  }

  /** Takes note of what a namespace looks like now. */
  see(namespace: string, { pods, services, routes }: NamespaceView): void {
    const now = this.#now();
    const present = pods.filter(({ metadata }) => !metadata.deletionTimestamp);
    const assignments = assignTraffic(
      services,
      routes,
      present.map(pod => ({
        name: pod.metadata.name,
        labels: pod.metadata.labels,
        ready: isReady(pod),
      })),
    );
    const fresh = this.#found(namespace, assignments, present);
    for (const pod of pods) {
      const assignment = assignments.get(pod.metadata.name);
      const service = assignment && `${namespace}/${assignment.service}`;
      // While the cluster comes up, who leads requests here may still be to come.
      const isOpen = service
        ? this.#founded.has(service)
        : now >= this.settledAt;
      if (!isOpen && !this.#pods.has(pod.metadata.uid)) continue;
      const isFirst = service !== undefined && fresh.has(service);
      this.#follow(
        pod,
        assignment,
        isFirst ? this.#startedAt - this.#history : now,
      );
    }
    const uids = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const [uid, pod] of this.#pods) {
      if (pod.identity.namespace !== namespace || uids.has(uid)) continue;
      pod.assign(undefined, now);
      pod.observe(false, 0, now);
    }
  }

  series(name: string, matchers: readonly LabelMatcher[]): readonly Series[] {
    const now = this.#now();
    const within = (valueAt: Series['valueAt']) => (time: number) =>
      time <= now && time >= now - this.#history - margin
        ? valueAt(time)
        : undefined;
    const all = name.startsWith('traefik_')
      ? this.#proxySeries(name)
      : [...this.#pods.values()]
          .filter(pod => mayMatch(pod, matchers))
          .flatMap(pod => podSeries(name, pod));
    return all.map(({ labels, valueAt }) => ({
      labels,
      valueAt: within(valueAt),
    }));
  }

  /** Forgets what is older than a query may ask for. */
  forget(): void {
    const before = this.#now() - this.#history - 2 * margin;
    for (const [uid, pod] of this.#pods) {
      if (pod.endedAt !== undefined && pod.endedAt < before) {
        this.#keepTotals(pod, before);
        this.#pods.delete(uid);
      } else pod.forget(before);
    }
    // The hour in which it began is still computed.
    this.effects.forget(before - hour);
  }

  /**
   * Opens the services whose pods have all come up, or that had time enough.
   * Answers those among them that have always been there.
   */
  #found(
    namespace: string,
    assignments: ReadonlyMap<string, Assignment>,
    pods: readonly Pod[],
  ): ReadonlySet<string> {
    const isSettled = this.#now() >= this.settledAt;
    const waiting = new Set<string>();
    const opened = new Set<string>();
    for (const pod of pods) {
      const assignment = assignments.get(pod.metadata.name);
      const service = assignment && `${namespace}/${assignment.service}`;
      if (!service || this.#founded.has(service)) continue;
      (isReady(pod) || isSettled ? opened : waiting).add(service);
    }
    for (const service of waiting) opened.delete(service);
    for (const service of opened) this.#founded.add(service);
    return isSettled ? new Set() : opened;
  }

  #follow(pod: Pod, assignment: Assignment | undefined, bornAt: number): void {
    const { uid } = pod.metadata;
    const running = isRunning(pod);
    const known = this.#pods.get(uid);
    if (known) {
      known.observe(running, restartsOf(pod), this.#now());
      known.assign(assignment, this.#now());
    } else if (running) {
      const identity = identityOf(pod);
      const surroundings = this.#surroundings(identity.namespace);
      const restarts = restartsOf(pod);
      const met = new TrafficPod(identity, bornAt, restarts, surroundings);
      met.assign(assignment, bornAt);
      this.#pods.set(uid, met);
    }
  }

  #surroundings(namespace: string): PodSurroundings {
    return {
      seed: this.options.seed,
      profileOf: service => this.#profile(namespace, service),
      effectsOn: target =>
        this.effects.of({ ...target, cluster: this.options.cluster }),
      budget: this.#budget,
    };
  }

  #profile(namespace: string, service: string): ServiceProfile {
    const key = `${namespace}/${service}`;
    const { seed, profiles } = this.options;
    const profile =
      this.#profiles.get(key) ??
      profileOf(seed, { namespace, service }, profiles?.[key]);
    this.#profiles.set(key, profile);
    return profile;
  }

  #proxySeries(name: string): readonly Series[] {
    const groups = new Map<string, TrafficPod[]>();
    for (const pod of this.#pods.values()) {
      const service = traefikNameOf(pod);
      if (service) groups.set(service, [...(groups.get(service) ?? []), pod]);
    }
    return [...groups].flatMap(([service, group]) => {
      const from = Math.min(...group.map(({ bornAt }) => bornAt));
      const forgotten = this.#forgotten.get(service);
      return traefikSeries(name, service, (column, time) =>
        time < from
          ? undefined
          : group.reduce(
              (sum, pod) => sum + pod.totalAt(column, time),
              forgotten?.[column] ?? 0,
            ),
      );
    });
  }

  #keepTotals(pod: TrafficPod, time: number): void {
    const service = traefikNameOf(pod);
    if (service === undefined) return;
    const totals =
      this.#forgotten.get(service) ?? new Float64Array(columnCount);
    totals.forEach((total, column) => {
      totals[column] = total + pod.totalAt(column, time);
    });
    this.#forgotten.set(service, totals);
  }

  #now(): number {
    return this.options.clock().getTime();
  }
}

/** How Traefik names the Service in front of a pod; undefined when it leads no requests there. */
function traefikNameOf({
  identity,
  assignment,
}: TrafficPod): string | undefined {
  if (assignment?.by !== 'traefik') return undefined;
  const { backend, port } = assignment;
  return `${identity.namespace}-${backend}-${port}@kubernetescrd`;
}

function isReady(pod: Pod): boolean {
  return readyCondition(pod)?.status === 'True';
}

function isRunning({ status }: Pod): boolean {
  return (
    status?.containerStatuses?.some(({ state }) => 'running' in state) ?? false
  );
}

function restartsOf({ status }: Pod): number {
  return status?.containerStatuses?.[0]?.restartCount ?? 0;
}

/** Whether equality matchers leave anything of a pod; the others are left to whoever asks. */
function mayMatch(
  { identity, service }: TrafficPod,
  matchers: readonly LabelMatcher[],
): boolean {
  const known: Readonly<Record<string, string | undefined>> = {
    namespace: identity.namespace,
    kubernetes_namespace: identity.namespace,
    pod: identity.name,
    service,
    version: identity.version,
  };
  return matchers.every(
    ({ name, operator, value }) =>
      operator !== '=' || known[name] === undefined || known[name] === value,
  );
}
