// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { ConflictError, ServiceUnavailableError } from '@backstage/errors';
import type {
  GateDefinition,
  Pipeline,
  Release,
  ReleaseImage,
  Stage,
  Target,
  TargetState,
} from '@causeway/plugin-delivery-common';
import type { Actors } from '../../audit/Actors';
import type { Clusters } from '../../clusters/Clusters';
import type {
  CommitReceipt,
  FleetChange,
  FleetRepositories,
} from '../../gitops/FleetRepositories';
import type { PipelineReading, Pipelines } from '../../pipelines/Pipelines';
import type { Releases } from '../../releases/Releases';

export const service = 'component:default/parcel-vision';
export const mia = 'user:default/mia';
export const jonas = 'user:default/jonas';
export const omar = 'user:default/omar';
export const leads = 'group:default/team-leads';
const image = 'registry.norden.example/parcel-vision';

class Subscribers<T> {
  readonly #listeners = new Set<(change: T) => void>();
  readonly subscribe = (listener: (change: T) => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };
  tell(change: T) {
    for (const listener of this.#listeners) listener(change);
  }
}

/** Time that passes by itself and can be pushed forward. */
export class MemoryClock {
  #ahead = 0;
  readonly now = () => new Date(Date.now() + this.#ahead);
  advance(milliseconds: number) {
    this.#ahead += milliseconds;
  }
}

interface MemoryCommit extends FleetChange {
  readonly sha: string;
}

/** A fleet repository as a list of commits. */
export class MemoryFleet implements FleetRepositories {
  readonly commits: MemoryCommit[] = [];
  /** Nobody answers. */
  down = false;
  /** The branch is protected against us. */
  protected = false;

  async commit(change: FleetChange): Promise<CommitReceipt> {
    const earlier = await this.findCommit(change.location, change.promotion);
    if (earlier) return earlier;
    if (this.protected) {
      throw new ConflictError('The push was refused ten times');
    }
    const sha = createHash('sha1')
      .update(`${this.commits.length} ${change.promotion}`)
      .digest('hex');
    this.commits.push({ ...change, sha });
    return { sha, branch: 'main', changed: true };
  }

  async findCommit(
    _location: unknown,
    promotion: string,
  ): Promise<CommitReceipt | undefined> {
    this.#reach();
    const found = this.commits.find(each => each.promotion === promotion);
    return found && { sha: found.sha, branch: 'main', changed: true };
  }

  async contains(
    _location: unknown,
    revision: string,
    commit: string,
  ): Promise<boolean | undefined> {
    const shas = this.commits.map(({ sha }) => sha);
    const tip = shas.indexOf(revision.split(':')[1]);
    return tip >= shas.indexOf(commit);
  }

  async declaredImages(_location: unknown, target: Target) {
    return this.imagesAt(target);
  }

  async diff() {
    this.#reach();
    return { objects: [], unchanged: 3 };
  }

  /** What the newest commit that touched the target declares. */
  imagesAt(target: Target): readonly ReleaseImage[] {
    const touching = this.commits.filter(({ targets }) =>
      targets.some(({ path }) => path === target.path),
    );
    return touching[touching.length - 1]?.images ?? [];
  }

  get revision(): string {
    const tip = this.commits[this.commits.length - 1]?.sha ?? '0'.repeat(40);
    return `main@sha1:${tip}`;
  }

  #reach() {
    if (this.down) {
      throw new ServiceUnavailableError(
        'The fleet repository can not be reached',
      );
    }
  }
}

interface Running {
  readonly images: readonly string[];
  readonly revision: string;
}

/** Clusters in which Flux applies what the fleet repository declares, as soon as it is asked. */
export class MemoryClusters implements Clusters {
  readonly #changes = new Subscribers<{ readonly cluster: string }>();
  readonly #running = new Map<string, Running>();
  readonly #away = new Map<string, string>();
  readonly #sick = new Set<string>();
  readonly #asked: string[] = [];
  #revision = 0;
  /** Clusters whose Flux does not act. */
  readonly idle = new Set<string>();
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
      images: release.images.map(
        ({ name, tag, digest }) => `${name}:${tag}@${digest}`,
      ),
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

  targetState(target: Target): TargetState {
    const since = this.#away.get(target.cluster);
    const running = this.#running.get(keyOf(target));
    const sick = this.#sick.has(target.cluster);
    const health = sick ? 'degraded' : 'healthy';
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
        images: running?.images ?? [],
        replicas: { desired: 2, updated: 2, ready: 2, available: sick ? 0 : 2 },
        observed: true,
      },
    };
  }

  async requestReconcile(target: Target, token: string) {
    if (this.#away.has(target.cluster)) {
      throw new ServiceUnavailableError('Connection refused');
    }
    this.#asked.push(`${keyOf(target)} ${token}`);
    if (!this.idle.has(target.cluster)) setTimeout(() => this.apply(target), 5);
  }

  /** Flux applies the tip to one target. */
  apply(target: Target) {
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

/** Releases in the order in which they were reported. */
export class MemoryReleases implements Releases {
  readonly #all: Release[] = [];
  readonly #changes = new Subscribers<{
    readonly service: string;
    readonly release: string;
  }>();
  readonly subscribe = this.#changes.subscribe;

  report(release: Release) {
    this.#all.push(release);
    this.#changes.tell({ service: release.service, release: release.id });
  }

  async get(id: string) {
    return this.#all.find(each => each.id === id);
  }

  async list(of: string, limit: number) {
    return this.#all
      .filter(each => each.service === of)
      .reverse()
      .slice(0, limit);
  }

  async findByVersion(of: string, version: string) {
    return this.#all.find(
      each => each.service === of && each.version === version,
    );
  }

  async findByDigest(of: string, digest: string) {
    return this.#all.find(
      each =>
        each.service === of && each.images.some(one => one.digest === digest),
    );
  }
}

/** One service whose document can be exchanged. */
export class MemoryPipelines implements Pipelines {
  readonly #changes = new Subscribers<{ readonly service: string }>();
  readonly subscribe = this.#changes.subscribe;

  constructor(private pipeline: Pipeline, private broken: boolean = false) {}

  async get(of: string): Promise<PipelineReading | undefined> {
    if (of !== this.pipeline.service) return undefined;
    return {
      state: 'valid',
      pipeline: this.pipeline,
      url: 'http://forge/delivery.yaml',
      readAt: new Date(0),
      ...(this.broken && { newer: { problems: [] } }),
    };
  }

  list() {
    return [this.pipeline];
  }

  async refresh() {}

  change(change: Partial<Pipeline>) {
    this.pipeline = { ...this.pipeline, ...change };
    this.#changes.tell({ service: this.pipeline.service });
  }

  breakDocument() {
    this.broken = true;
    this.#changes.tell({ service: this.pipeline.service });
  }
}

/** Who is in which group. */
export class MemoryActors implements Actors {
  readonly members = new Map<string, readonly string[]>([
    [leads, [jonas, mia, omar]],
  ]);

  async describe(entityRef: string) {
    const name = entityRef.slice(entityRef.lastIndexOf('/') + 1);
    return { name, email: `${name}@norden.example` };
  }

  async isMember(user: string, group: string) {
    return this.members.get(group)?.includes(user) ?? false;
  }
}

export function aTarget(cluster: string): Target {
  return {
    cluster,
    path: `services/parcel-vision/overlays/${cluster}`,
    kustomization: { namespace: 'flux-system', name: 'parcel-vision' },
    workload: {
      kind: 'Deployment',
      namespace: 'sorting',
      name: 'parcel-vision',
    },
  };
}

function aStage(name: string, change: Partial<Stage>): Stage {
  return {
    name,
    title: name,
    kind: 'cloud',
    after: [],
    promotion: 'manual',
    gates: [],
    targets: [aTarget(name)],
    ...change,
  };
}

export const approval: GateDefinition = {
  kind: 'approval',
  name: 'approval by team-leads',
  group: leads,
  count: 1,
  expires: 3 * 86_400_000,
};

export const soak: GateDefinition = {
  kind: 'soak',
  name: 'soak in staging',
  stage: 'staging',
  duration: 30_000,
};

/** ci → staging (by itself) → production (approval) → edge (two clusters, no gates). */
export function aPipeline(
  gates: readonly GateDefinition[] = [approval],
): Pipeline {
  return {
    service,
    images: [image],
    fleet: { repository: 'http://forge/norden/fleet', branch: 'main' },
    stages: [
      aStage('ci', { kind: 'ci', targets: [] }),
      aStage('staging', { after: ['ci'], promotion: 'auto' }),
      aStage('production', { after: ['staging'], gates }),
      aStage('edge', {
        after: ['production'],
        targets: [aTarget('edge-north'), aTarget('edge-south')],
      }),
    ],
  };
}

/** Version 2.8.`patch`, written by Mia. */
export function aRelease(patch: number): Release {
  const time = new Date(Date.UTC(2026, 7, 20, 14, patch)).toISOString();
  return {
    id: `release-${patch}`,
    service,
    version: `2.8.${patch}`,
    commit: {
      sha: `${patch}`.padStart(40, '0'),
      message: `Change ${patch}`,
      author: 'Mia Lindqvist',
      authorRef: mia,
      time,
    },
    images: [
      {
        name: image,
        tag: `2.8.${patch}`,
        digest: `sha256:${`${patch}`.padStart(64, '0')}`,
      },
    ],
    reportedAt: time,
  };
}

/** Everything outside the engine. */
export function memoryWorld(pipeline: Pipeline = aPipeline()) {
  const clock = new MemoryClock();
  const fleet = new MemoryFleet();
  const clusters = new MemoryClusters(fleet, clock);
  const releases = new MemoryReleases();
  const pipelines = new MemoryPipelines(pipeline);
  const actors = new MemoryActors();
  return {
    clock,
    fleet,
    clusters,
    releases,
    pipelines,
    actors,
    /** Lets a release run in stages as if it had always been there. */
    settle(release: Release, ...stages: readonly string[]) {
      for (const { name, targets } of pipeline.stages) {
        if (!stages.includes(name)) continue;
        for (const target of targets) clusters.run(target, release);
      }
    },
  };
}

export type MemoryWorld = ReturnType<typeof memoryWorld>;
