// SPDX-License-Identifier: Apache-2.0
import { ServiceUnavailableError } from '@backstage/errors';
import {
  type EngineOrder,
  targetKey,
  type CanaryRun,
  type Colour,
  type ColoursState,
  type Release,
  type Target,
  type TargetState,
  type WorkloadState,
} from '@causeway/plugin-delivery-common';
import type { Clusters } from '../../clusters/Clusters';
import type { MemoryClock } from './MemoryClock';
import type { MemoryColours, MemoryFleet } from './MemoryFleet';
import { Subscribers } from './Subscribers';

interface Running {
  readonly images: readonly string[];
  readonly revision: string;
}

/** What an engine shows; the version that serves the rest of the traffic is `stable`. */
export interface CanaryInMemory
  extends Pick<CanaryRun, 'phase' | 'weight'>,
    Partial<
      Pick<
        CanaryRun,
        | 'end'
        | 'suspended'
        | 'engine'
        | 'asks'
        | 'takesOrders'
        | 'revision'
        | 'pause'
        | 'waitingFor'
      >
    > {
  readonly stable: Release;
}

function imagesOf({ images }: Pick<Release, 'images'>): readonly string[] {
  return images.map(({ name, tag, digest }) => `${name}:${tag}@${digest}`);
}

/** Clusters in which Flux applies what the fleet repository declares, as soon as it is asked. */
export class MemoryClusters implements Clusters {
  readonly #changes = new Subscribers<{ readonly cluster: string }>();
  readonly #running = new Map<string, Running>();
  readonly #away = new Map<string, string>();
  readonly #sick = new Set<string>();
  readonly #asked: string[] = [];
  readonly #canaries = new Map<string, CanaryInMemory>();
  readonly #colours = new Map<string, MemoryColours>();
  #revision = 0;
  /** Clusters whose Flux does not act. */
  readonly idle = new Set<string>();
  /** What engines were told. */
  readonly ordered: EngineOrder[] = [];
  readonly subscribe = this.#changes.subscribe;

  constructor(
    private readonly fleet: MemoryFleet,
    private readonly clock: MemoryClock,
  ) {}

  list() {
    return [];
  }

  revision() {
    return this.#revision;
  }

  /** Tokens with which targets were asked to reconcile. */
  get asked(): readonly string[] {
    return this.#asked;
  }

  /** Puts a release into a target as if it had always been there. */
  run(target: Target, release: Release) {
    this.#running.set(keyOf(target), {
      images: imagesOf(release),
      revision: this.fleet.revision,
    });
    this.#tell(target.cluster);
  }

  cut(cluster: string) {
    this.#away.set(cluster, this.clock.now().toISOString());
    this.#tell(cluster);
  }

  restore(cluster: string) {
    this.#away.delete(cluster);
    this.#tell(cluster);
  }

  sicken(cluster: string) {
    this.#sick.add(cluster);
    this.#tell(cluster);
  }

  /** Two colours, of which blue runs a release and serves, as if it had always been so. */
  colour(target: Target, release: Release) {
    const off = { images: release.images, replicas: 0 };
    this.fleet.colours.set(targetKey(target), {
      selected: 'blue',
      blue: { ...off, replicas: 2 },
      green: off,
    });
    this.run(target, release);
    this.apply(target);
  }

  /** What an engine shows of a target's workload from now on; what the rest of the state follows. */
  showCanary(target: Target, canary: CanaryInMemory) {
    this.#canaries.set(keyOf(target), canary);
    this.#tell(target.cluster);
  }

  targetState(target: Target): TargetState {
    const since = this.#away.get(target.cluster);
    const running = this.#running.get(keyOf(target));
    const sick = this.#sick.has(target.cluster);
    const health = sick ? 'degraded' : 'healthy';
    const declared = running?.images ?? [];
    const shown = this.#canaries.get(keyOf(target));
    const stable = shown && imagesOf(shown.stable);
    return {
      target,
      freshness: since
        ? { state: 'unreachable', since, problem: 'Connection refused.' }
        : { state: 'live', seenAt: this.clock.now().toISOString() },
      flux: {
        ready: 'True',
        suspended: false,
        lastAppliedRevision: running?.revision,
        lastAttemptedRevision: running?.revision,
      },
      workload: {
        health: running ? health : 'missing',
        images: stable ?? declared,
        replicas: { desired: 2, updated: 2, ready: 2, available: sick ? 0 : 2 },
        observed: true,
      },
      ...this.#coloursOf(target),
      ...(shown && {
        canary: {
          engine: 'flagger',
          namespace: target.workload.namespace,
          name: target.workload.name,
          strategy: 'canary',
          suspended: false,
          steps: [5, 25, 50, 100],
          checks: { failed: 0, allowed: 2 },
          interval: 10_000,
          skipsAnalysis: false,
          asks: ['confirm-rollout', 'confirm-traffic-increase', 'rollback'],
          declared,
          ...shown,
          stable,
        },
      }),
    };
  }

  #coloursOf(target: Target): Pick<TargetState, 'workload' | 'colours'> {
    const seen = this.#colours.get(targetKey(target));
    if (!target.coloured || !seen) return {};
    const sick = this.#sick.has(target.cluster);
    const stateOf = (colour: Colour): WorkloadState => {
      const { images, replicas } = seen[colour];
      const isDown = replicas === 0 || (sick && colour === seen.selected);
      return {
        health: isDown ? 'degraded' : 'healthy',
        images: imagesOf({ images }),
        replicas: {
          desired: replicas,
          updated: replicas,
          ready: replicas,
          available: isDown ? 0 : replicas,
        },
        observed: true,
      };
    };
    const colours: ColoursState = {
      live: seen.selected,
      blue: stateOf('blue'),
      green: stateOf('green'),
    };
    return { colours, workload: colours[seen.selected] };
  }

  async requestReconcile(target: Target, token: string) {
    if (this.#away.has(target.cluster)) {
      throw new ServiceUnavailableError('Connection refused');
    }
    this.#asked.push(`${keyOf(target)} ${token}`);
    if (!this.idle.has(target.cluster)) setTimeout(() => this.apply(target), 5);
  }

  async orderEngine(target: Target, order: EngineOrder) {
    if (this.#away.has(target.cluster)) {
      throw new ServiceUnavailableError('Connection refused');
    }
    this.ordered.push(order);
    return 'accepted' as const;
  }

  /** Flux applies the tip to one target. */
  apply(target: Target) {
    const colours = this.fleet.colours.get(targetKey(target));
    if (colours) this.#colours.set(targetKey(target), { ...colours });
    const declared = this.fleet.imagesAt(target);
    this.#running.set(keyOf(target), {
      images: declared.map(
        ({ name, tag, digest }) => `${name}:${tag}@${digest}`,
      ),
      revision: this.fleet.revision,
    });
    this.#tell(target.cluster);
  }

  #tell(cluster: string) {
    this.#revision += 1;
    this.#changes.tell({ cluster });
  }
}

function keyOf(target: Target): string {
  return `${target.cluster}/${target.kustomization.name}`;
}
