// SPDX-License-Identifier: Apache-2.0
import {
  known,
  unknown,
  type Known,
  type Pipeline,
  type Release,
} from '@causeway/plugin-delivery-common';
import type { Actors } from '../../audit/Actors';
import type {
  CanaryMetrics,
  MinuteReading,
} from '../../monitoring/CanaryMetrics';
import type { PipelineReading, Pipelines } from '../../pipelines/Pipelines';
import type { Releases } from '../../releases/Releases';
import { MemoryClock } from './MemoryClock';
import { MemoryClusters } from './MemoryClusters';
import { MemoryFleet } from './MemoryFleet';
import { Subscribers } from './Subscribers';
import { mia, jonas, omar, leads, aPipeline } from './parcelVision';

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
