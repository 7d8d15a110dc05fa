// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { ConflictError, ServiceUnavailableError } from '@backstage/errors';
import {
  type EngineOrder,
  known,
  targetKey,
  unknown,
  type CanaryRun,
  type Colour,
  type ColoursState,
  type Known,
  type GateDefinition,
  type Pipeline,
  type Release,
  type ReleaseImage,
  type Stage,
  type Target,
  type TargetState,
  type WorkloadState,
} from '@causeway/plugin-delivery-common';
import type { Actors } from '../../audit/Actors';
import type { Clusters } from '../../clusters/Clusters';
import type {
  DeclaredImage,
  AnalysisChange,
  ColourChange,
  CommitReceipt,
  FleetChange,
  FleetPreview,
  FleetRepositories,
  OverlayEdit,
  OverlaysChange,
  OverlaysReceipt,
} from '../../gitops/FleetRepositories';
import { saysSame } from '../../gitops/planOverlays';
import type {
  CanaryMetrics,
  MinuteReading,
} from '../../monitoring/CanaryMetrics';
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

/** What an overlay with two colours declares, or what a cluster has of it. */
export interface MemoryColours {
  selected: Colour;
  blue: MemoryColour;
  green: MemoryColour;
}

interface MemoryColour {
  readonly images: readonly ReleaseImage[];
  readonly replicas: number;
}

/** A fleet repository as a list of commits. */
export class MemoryFleet implements FleetRepositories {
  readonly commits: MemoryCommit[] = [];
  /** Overlays that hold the Canary of their target. */
  readonly canaries = new Set<string>();
  /** By overlay, the promotion for which its engine skips the analysis. */
  readonly skipping = new Map<string, string>();
  /** Promotions for which engines compare again. */
  readonly restored: string[] = [];
  /** Nobody answers. */
  down = false;
  /** The revisions that the clusters had applied, as the newest preview was told. */
  previewedFrom: readonly (string | undefined)[] = [];
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
    this.#colour(change);
    for (const { path } of change.targets) {
      this.skipping.delete(path);
      if (change.hurry && this.canaries.has(path))
        this.skipping.set(path, change.promotion);
    }
    return { sha, branch: 'main', changed: true, ...this.#told(change) };
  }

  async restoreAnalysis({
    promotion,
    targets,
  }: AnalysisChange): Promise<CommitReceipt> {
    this.#reach();
    if (this.protected) {
      throw new ConflictError('The push was refused ten times');
    }
    const sha = createHash('sha1').update(`restore ${promotion}`).digest('hex');
    const here = targets.filter(
      ({ path }) => this.skipping.get(path) === promotion,
    );
    for (const { path } of here) this.skipping.delete(path);
    if (here.length > 0) this.restored.push(promotion);
    return { sha, branch: 'main', changed: this.restored.includes(promotion) };
  }

  /** Overlays with two colours, by the key of their target. */
  readonly colours = new Map<string, MemoryColours>();
  /** The steps that were written for promotions between colours, each once. */
  readonly colourSteps: string[] = [];

  async changeColours({
    promotion,
    step,
    targets,
  }: ColourChange): Promise<CommitReceipt> {
    this.#reach();
    const name = `${step} ${promotion}`;
    const sha = createHash('sha1').update(name).digest('hex');
    if (!this.colourSteps.includes(name)) {
      this.colourSteps.push(name);
      for (const { target, colour } of targets) {
        const here = this.colours.get(targetKey(target));
        if (!here) continue;
        if (step === 'retire') here[colour] = { ...here[colour], replicas: 0 };
        else here.selected = colour;
      }
    }
    return { sha, branch: 'main', changed: true };
  }

  /** The first commit of a promotion between colours. */
  #colour({ targets, images, colours }: FleetChange): void {
    for (const target of targets) {
      const here = this.colours.get(targetKey(target));
      const choice = colours?.choices[targetKey(target)];
      if (!here || !choice) continue;
      here[choice.to] = { images, replicas: choice.replicas };
      if (colours?.atOnce) here.selected = choice.to;
    }
  }

  /** Steps of waves over overlays, by their names, with the devices that each changed. */
  readonly overlaySteps = new Map<string, readonly string[]>();
  /** Overlays of devices that were changed, by folder. */
  readonly overlays = new Map<string, readonly DeclaredImage[]>();

  async changeOverlays({
    promotion,
    overlays,
  }: OverlaysChange): Promise<OverlaysReceipt> {
    this.#reach();
    const sha = createHash('sha1').update(promotion).digest('hex');
    if (!this.overlaySteps.has(promotion)) {
      const changed = overlays.filter(({ target, from, to }) => {
        const says = this.imagesAt(target);
        return saysSame(says, from, to) && !saysSame(says, to, to);
      });
      for (const { target, to } of changed) this.overlays.set(target.path, to);
      this.overlaySteps.set(
        promotion,
        changed.map(
          ({ target, to }) => `${target.device}: ${to.map(({ tag }) => tag)}`,
        ),
      );
    }
    const says = await this.overlayImages(undefined, overlays);
    return { sha, branch: 'main', changed: true, says };
  }

  async overlayImages(
    _location: unknown,
    overlays: readonly Pick<OverlayEdit, 'target'>[],
  ) {
    this.#reach();
    return new Map(
      overlays.map(({ target }) => [
        targetKey(target),
        { images: this.imagesAt(target) },
      ]),
    );
  }

  async canHurry(_location: unknown, targets: readonly Target[]) {
    this.#reach();
    return targets.filter(({ path }) => this.canaries.has(path));
  }

  #told({ hurry, targets }: FleetChange): { skipsAnalysis?: true } {
    const skips = hurry && targets.some(({ path }) => this.canaries.has(path));
    return skips ? { skipsAnalysis: true } : {};
  }

  async findCommit(
    _location: unknown,
    promotion: string,
  ): Promise<CommitReceipt | undefined> {
    this.#reach();
    const found = this.commits.find(each => each.promotion === promotion);
    return (
      found && {
        sha: found.sha,
        branch: 'main',
        changed: true,
        ...this.#told(found),
      }
    );
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

  async diff({ targets, lastApplied }: FleetPreview) {
    this.#reach();
    this.previewedFrom = targets.map(target => lastApplied?.(target));
    return { objects: [], unchanged: 3 };
  }

  /** What the newest commit that touched the target declares. */
  imagesAt(target: Target): readonly DeclaredImage[] {
    const overlay = this.overlays.get(target.path);
    if (overlay) return overlay;
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
export /** What an engine shows; the version that serves the rest of the traffic is `stable`. */
interface CanaryInMemory
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

/** Answers with the minutes that a test gives, as if they had been measured. */
export class MemoryMetrics implements CanaryMetrics {
  /** What the servers say; they can not be reached while it is undefined. */
  reading: Omit<MinuteReading, 'readAt' | 'notes'> | undefined;

  constructor(private readonly clock: MemoryClock) {}

  async read(): Promise<Known<MinuteReading>> {
    const readAt = this.clock.now().toISOString();
    return this.reading
      ? known({ ...this.reading, readAt, notes: [] })
      : unknown(readAt, 'Prometheus does not answer.');
  }
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
    metrics: new MemoryMetrics(clock),
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
