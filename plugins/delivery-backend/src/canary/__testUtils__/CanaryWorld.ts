// SPDX-License-Identifier: Apache-2.0
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { ScmIntegrations } from '@backstage/integration';
import { createKustomize } from '@causeway/kustomize';
import {
  parseImage,
  type CanaryHook,
  type CanaryStrategy,
  type Promotion,
  type PromotionEvent,
  type Release,
  type SteeringAction,
} from '@causeway/plugin-delivery-common';
import {
  acceleratedScheduler,
  startWorld,
  type World,
} from '@causeway/simulator';
import type { Knex } from 'knex';
import { silentLogger } from '../../testing/silentLogger';
import type { PortalClusters } from '../../clusters/PortalClusters';
import { GitFleetRepositories } from '../../gitops/GitFleetRepositories';
import { createCanaryMetrics } from '../../monitoring/createCanaryMetrics';
import {
  PrometheusProxy,
  type Meddling,
} from '../../monitoring/testing/PrometheusProxy';
import {
  accepted,
  until,
  untilPhase,
} from '../../promotions/__fixtures__/engines';
import {
  MemoryActors,
  MemoryPipelines,
  MemoryReleases,
} from '../../promotions/__fixtures__/memoryWorld';
import { omar } from '../../promotions/__fixtures__/parcelVision';
import {
  createPromotionEngine,
  type PromotionEngine,
} from '../../promotions/createPromotionEngine';
import { isKeyOf } from '../clusterKey';
import {
  aPipeline,
  configOf,
  image,
  overlay,
  portalClusters,
  secret,
  secrets,
  service,
  stage,
  stagesWith,
  target,
} from './labelApi';

const minute = 60_000;

/** How fast time goes by, and how the stage lets new versions in. */
export interface CanaryWorldOptions {
  /** Minutes of the world in a minute of ours. */
  readonly rate: number;
  readonly strategy: Partial<CanaryStrategy>;
}

/**
 * A world in which hours pass in minutes: clusters, Git, Flux, Flagger and Prometheus of the
 * simulator, and the portal's own engine on a real database. One service with one stage.
 */
export class CanaryWorld {
  #engine: PromotionEngine | undefined;
  readonly #releases = new MemoryReleases();
  readonly #closing: (() => Promise<void>)[] = [];

  private constructor(
    private readonly parts: {
      readonly scheduler: ReturnType<typeof acceleratedScheduler>;
      readonly database: Knex;
    },
  ) {}

  #world: World | undefined;
  #clusters: PortalClusters | undefined;
  #pipelines: MemoryPipelines | undefined;
  #prometheus: PrometheusProxy | undefined;
  #createEngine: (() => PromotionEngine) | undefined;

  /** Resolves when the stable version runs and Flagger is ready for another. */
  static async start(
    database: Knex,
    { rate, strategy }: CanaryWorldOptions,
  ): Promise<CanaryWorld> {
    const scheduler = acceleratedScheduler(rate);
    const made = new CanaryWorld({ scheduler, database });
    try {
      await made.#begin(strategy);
    } catch (error) {
      await made.stop();
      throw error;
    }
    return made;
  }

  async stop(): Promise<void> {
    for (const end of this.#closing.reverse()) await end();
  }

  now(): number {
    return this.parts.scheduler.now().getTime();
  }

  /** Waits until so many minutes of the world have passed. */
  async pass(minutes: number): Promise<void> {
    await this.parts.scheduler.sleep(minutes * minute);
  }

  get engine(): PromotionEngine {
    return must(this.#engine);
  }

  /** What comes between the portal and Prometheus from now on. */
  meddle(meddling: Meddling): void {
    must(this.#prometheus).meddling = meddling;
  }

  /** What the document says from now on about new promotions. */
  declare(strategy: Partial<CanaryStrategy>): void {
    must(this.#pipelines).change({ stages: stagesWith(strategy) });
  }

  /** The portal is gone for engines and forgets what it had in memory. */
  async stopPortal(): Promise<void> {
    const engine = this.engine;
    this.#engine = undefined;
    await engine.stop();
  }

  startPortal(): void {
    this.#engine = must(this.#createEngine)();
    this.#engine.start();
  }

  async promote(version: string): Promise<string> {
    this.#releases.report(this.#release(version));
    const command = { service, stage, release: version };
    const { stored } = accepted(
      await this.engine.promotions.request(command, omar),
    );
    return stored.promotion.id;
  }

  async steer(
    promotion: string,
    action: SteeringAction,
    reason: string,
  ): Promise<void> {
    const wish = { action, reason };
    accepted(await this.engine.promotions.steer(promotion, wish, omar));
  }

  get canary() {
    return must(this.#clusters).targetState(target).canary;
  }

  async untilWeight(weight: number): Promise<void> {
    await until(async () => this.canary?.weight === weight);
  }

  async untilPhase(
    promotion: string,
    phase: 'failed' | 'succeeded',
  ): Promise<Promotion> {
    return (await untilPhase(this.engine, promotion, phase)).promotion;
  }

  events(promotion: string): Promise<readonly PromotionEvent[]> {
    return this.engine.promotions.events(promotion);
  }

  /** Phases and weights as they were seen. Whether the first moment without any is seen depends on the machine. */
  async moves(promotion: string): Promise<readonly string[]> {
    const events = await this.events(promotion);
    return events
      .flatMap(event =>
        event.type === 'canaryMoved' ? [`${event.phase} ${event.weight}`] : [],
      )
      .filter(move => move !== 'progressing 0');
  }

  /** When the canary first had a weight. */
  async reached(promotion: string, weight: number): Promise<number> {
    const events = await this.events(promotion);
    const found = events.find(
      event => event.type === 'canaryMoved' && event.weight === weight,
    );
    return Date.parse(must(found).at);
  }

  /** The next question about going on that Flagger asks, with what it is answered. */
  async nextQuestion() {
    const since = new Date(this.now()).toISOString();
    const { namespace, name } = target.workload;
    const address = { cluster: stage, namespace, name };
    return until(async () => {
      const question = await this.engine.canaries.words.lastQuestion(address);
      return question !== undefined && question.at > since && question;
    });
  }

  /** Waits until the portal itself has put Git back after a failure. */
  async untilGitIsBack(): Promise<Promotion> {
    const rollback = await until(async () => {
      const places = await this.engine.promotions.byStage(service);
      const { active, last } = places.get(stage) ?? {};
      const newest = (active ?? last)?.promotion;
      return newest?.kind === 'rollback' && newest;
    });
    return this.untilPhase(rollback.id, 'succeeded');
  }

  /** The overlay in Git, as somebody reads it who changes it by hand. */
  async overlay(): Promise<string> {
    const { content } = await this.#contents('GET');
    return Buffer.from(content, 'base64').toString();
  }

  /** Somebody writes the overlay by hand. */
  async writeOverlay(content: string): Promise<void> {
    const { sha } = await this.#contents('GET');
    await this.#contents('PUT', {
      sha,
      branch: 'main',
      message: 'Change by hand',
      content: Buffer.from(content).toString('base64'),
    });
  }

  async #contents(
    method: 'GET' | 'PUT',
    body?: object,
  ): Promise<{ readonly content: string; readonly sha: string }> {
    const { url } = must(this.#world).forge;
    const credential = Buffer.from('ines:forge').toString('base64');
    const response = await fetch(
      `${url}/api/v1/repos/norden/fleet/contents/${overlay}`,
      {
        method,
        headers: {
          authorization: `Basic ${credential}`,
          'content-type': 'application/json',
        },
        body: body && JSON.stringify(body),
      },
    );
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as { content: string; sha: string };
  }

  async #begin(strategy: Partial<CanaryStrategy>): Promise<void> {
    const { scheduler, database } = this.parts;
    const directory = await mkdtemp(join(tmpdir(), 'causeway-canary-'));
    this.#closing.push(() => rm(directory, { recursive: true, force: true }));
    const gates = await this.#serveGates();
    const world = await startWorld({
      dataDirectory: directory,
      secrets,
      scheduler,
      only: [stage],
      sites: 1,
      devices: 1,
      ciDuration: 0,
      podTimes: { start: 200, stop: 100 },
      patience: 600_000,
      canaryPortal: { url: gates, secret },
      log: () => undefined,
    });
    this.#world = world;
    this.#closing.push(() => world.stop());
    const prometheus = await PrometheusProxy.start(
      world.clusters[stage].metrics,
    );
    this.#prometheus = prometheus;
    this.#closing.push(() => prometheus.close());
    const clusters = portalClusters(world);
    clusters.start();
    this.#clusters = clusters;
    this.#closing.push(() => clusters.stop());
    const kustomize = createKustomize();
    this.#closing.push(() => kustomize.dispose());
    const config = configOf(world.forge.url, prometheus.url);
    const logger = silentLogger;
    this.#pipelines = new MemoryPipelines(
      aPipeline(world.forge.url, stagesWith(strategy)),
    );
    const parts = {
      clusters,
      releases: this.#releases,
      pipelines: this.#pipelines,
      actors: new MemoryActors(),
      fleet: new GitFleetRepositories({
        directory: join(directory, 'repositories'),
        integrations: ScmIntegrations.fromConfig(config),
        render: (input, options) => kustomize.build(input, options),
      }),
      clock: scheduler.now,
      logger,
      database,
    };
    this.#createEngine = () =>
      createPromotionEngine({
        ...parts,
        // A portal that starts anew has nothing in memory.
        metrics: createCanaryMetrics({
          config,
          logger,
          clock: scheduler.now,
          limits: { answer: 1_000, retries: 0 },
        }),
      });
    this.startPortal();
    this.#closing.push(async () => this.#engine?.stop());
    await until(async () => this.canary?.phase === 'idle');
    const { workload } = clusters.targetState(target);
    const runs = parseImage(workload?.images[0] ?? '');
    this.#releases.report(this.#release('4.2.1', runs?.digest));
  }

  /** The route of the HTTP API, without the rest of the portal. */
  async #serveGates(): Promise<string> {
    const server = createServer(async (request, response) => {
      const [, , cluster, hook] = (request.url ?? '').split('/');
      const body = (await json(request)) as {
        name: string;
        namespace: string;
        checksum: string;
        metadata: { key: string };
      };
      const engine = this.#engine;
      if (!engine || !isKeyOf(secret, cluster, body.metadata.key)) {
        response.writeHead(engine ? 401 : 503).end();
        return;
      }
      const answer = await engine.canaries.gates.answer({
        ...body,
        cluster,
        hook: hook as CanaryHook,
      });
      response.writeHead(answer.open ? 200 : 403).end(JSON.stringify(answer));
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    this.#closing.push(() => close(server));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  #release(version: string, digest?: string): Release {
    const hex = Buffer.from(version).toString('hex').padEnd(64, '0');
    return {
      id: version,
      service,
      version,
      commit: {
        sha: hex.slice(0, 40),
        message: 'A change',
        author: 'Nils Berg',
        time: this.parts.scheduler.now().toISOString(),
      },
      images: [
        {
          name: image,
          tag: version,
          digest: digest ?? `sha256:${hex.slice(0, 64)}`,
        },
      ],
      reportedAt: this.parts.scheduler.now().toISOString(),
    };
  }
}

function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('The world has not begun');
  return value;
}

async function close(server: Server): Promise<void> {
  await new Promise<void>(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
