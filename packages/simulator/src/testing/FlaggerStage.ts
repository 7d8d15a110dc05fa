// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flaggerDefinitions } from '../controllers/flagger/flaggerDefinitions';
import {
  canaries,
  Canary,
  CanaryStatus,
  httpRoutes,
  metricTemplates,
  traefikServices,
} from '../controllers/flagger/flaggerObjects';
import { customResourceDefinitions } from '../controllers/flux/fluxDefinitions';
import { RunningController } from '../controllers/runtime/Cluster';
import { ControllerName, runControllers } from '../controllers/runControllers';
import { simulatedNodeLabel } from '../controllers/workloads/kubeletController';
import {
  deployments,
  namespaces,
  nodes,
} from '../controllers/workloads/workloads';
import type { Traffic } from '../metrics/Traffic';
import { acceleratedScheduler, Scheduler } from '../time/Scheduler';
import { aCluster, TestCluster } from './aCluster';
import { FlaggerWitness } from './FlaggerWitness';

const namespace = 'demo';
const hooks = [
  'pre-rollout',
  'rollout',
  'confirm-rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'post-rollout',
  'rollback',
  'event',
];

/** What can be done to a canary, in simulated seconds. */
export interface Stage {
  image(tag: string, change?: object): Promise<void>;
  spec(change: object): Promise<void>;
  gate(hook: string, open: boolean): void;
  metric(value: number | 'none'): void;
  seconds(count: number): Promise<void>;
  until(check: (status: CanaryStatus) => boolean): Promise<void>;
  /** Succeeded or failed, and a look more. */
  end(): Promise<void>;
}

/** How a canary differs from the usual one. */
export interface CanarySettings {
  readonly spec?: object;
  readonly analysis?: object;
  readonly progressDeadline?: number;
}

/** Where Flagger is watched. */
export interface StageOptions {
  /** Times as fast as ours the simulated part of the world runs. Default 10. */
  readonly rate?: number;
  /** Makes the cluster; a simulated one with simulated nodes when left out. */
  readonly connect?: (metricsServer: string) => Promise<TestCluster>;
  /** The controllers to simulate; all that a canary needs when left out. */
  readonly controllers?: readonly ControllerName[];
  /** Is told what is in the cluster. */
  readonly traffic?: Traffic;
}

const everything: readonly ControllerName[] = [
  'deployment',
  'replicaset',
  'scheduler',
  'kubelet',
  'node',
  'serviceaccount',
  'flagger',
];

const containers = (tag: string) => [
  { name: 'c', image: `ex/app:${tag}`, ports: [{ containerPort: 8080 }] },
];

async function simulatedCluster(): Promise<TestCluster> {
  const cluster = await aCluster();
  const { client } = cluster;
  for (const definition of flaggerDefinitions)
    await client.create(customResourceDefinitions, undefined, definition);
  await client.create(nodes, undefined, {
    metadata: { name: 'one', labels: { [simulatedNodeLabel]: '' } },
  });
  return cluster;
}

/** A cluster with Flagger, in which simulated time runs faster than ours, and a witness of what Flagger does. */
export class FlaggerStage {
  readonly #statuses = new Map<string, CanaryStatus>();
  readonly #listeners = new Set<() => void>();

  private constructor(
    readonly cluster: TestCluster,
    readonly witness: FlaggerWitness,
    private readonly scheduler: Scheduler,
    private readonly controllers: RunningController,
    private readonly directory: string,
  ) {}

  static async start({
    rate = 10,
    connect = simulatedCluster,
    controllers: names = everything,
    traffic,
  }: StageOptions = {}): Promise<FlaggerStage> {
    const directory = await mkdtemp(join(tmpdir(), 'flagger-'));
    const scheduler = acceleratedScheduler(rate);
    const witness = await FlaggerWitness.start(scheduler.now);
    const cluster = await connect(witness.url);
    const { client } = cluster;
    await client.create(namespaces, undefined, {
      metadata: { name: namespace },
    });
    await client.create(metricTemplates, namespace, {
      metadata: { name: 'success' },
      spec: {
        provider: { type: 'prometheus', address: witness.url },
        query:
          'tb_success{ns="{{ namespace }}",target="{{ target }}"}[{{ interval }}]',
      },
    });
    const controllers = await runControllers({
      kubeConfig: cluster.kubeConfig,
      directory,
      scheduler,
      controllers: traffic ? [...names, 'traffic'] : names,
      traffic,
      podTimes: { start: 200, stop: 100 },
      flagger: { metricsServer: witness.url, meshProvider: 'gatewayapi:v1' },
      log: () => undefined,
    });
    const stage = new FlaggerStage(
      cluster,
      witness,
      scheduler,
      controllers,
      directory,
    );
    await stage.#watch();
    return stage;
  }

  /** Sets a canary up, waits until it is initialized, and lets the scenario run. */
  async play(
    name: string,
    settings: CanarySettings,
    run: (stage: Stage) => Promise<void>,
  ): Promise<void> {
    await this.#setUp(name, settings);
    await this.#until(name, ({ phase }) => phase === 'Initialized');
    await run(this.#stageOf(name));
  }

  async stop(): Promise<void> {
    await this.controllers.stop();
    this.scheduler.stop();
    await this.witness.stop();
    await this.cluster.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #watch(): Promise<void> {
    await this.cluster.record(canaries, ({ metadata, status }) => {
      const [condition] = status?.conditions ?? [];
      if (!status?.phase || !condition) return;
      const { conditions: _conditions, trackedConfigs: _, ...rest } = status;
      this.witness.note(metadata.name, {
        kind: 'status',
        status: rest as Record<string, string | number>,
        condition: condition as unknown as Record<string, string>,
      });
      this.#statuses.set(metadata.name, status);
      for (const listener of [...this.#listeners]) listener();
    });
    const note = (name: string, weights: readonly number[]) =>
      this.witness.note(name, { kind: 'route', weights });
    await this.cluster.record(httpRoutes, ({ metadata, spec }) =>
      note(
        metadata.name,
        spec.rules?.[0].backendRefs?.map(({ weight }) => weight ?? 0) ?? [],
      ),
    );
    const { apiVersion, kind } = traefikServices;
    if (!(await this.cluster.client.resource(apiVersion, kind))) return;
    await this.cluster.record(traefikServices, ({ metadata, spec }) =>
      note(
        metadata.name,
        spec.weighted.services?.map(({ weight }) => weight ?? 0) ?? [],
      ),
    );
  }

  #until(
    name: string,
    check: (status: CanaryStatus) => boolean,
  ): Promise<void> {
    return new Promise(resolve => {
      const look = () => {
        const status = this.#statuses.get(name);
        if (!status || !check(status)) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
      look();
    });
  }

  async #setUp(name: string, settings: CanarySettings): Promise<void> {
    const { client } = this.cluster;
    await client.create(deployments, namespace, {
      metadata: { name, labels: { app: name } },
      spec: {
        replicas: 2,
        progressDeadlineSeconds: settings.progressDeadline ?? 60,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: containers('v1') },
        },
      },
    });
    await client.create(canaries, namespace, {
      metadata: { name },
      spec: {
        targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        progressDeadlineSeconds: 60,
        service: {
          port: 80,
          targetPort: 8080,
          gatewayRefs: [{ name: 'gw', namespace }],
        },
        analysis: {
          interval: '10s',
          threshold: 2,
          stepWeights: [5, 25, 50, 100],
          metrics: [
            {
              name: 'success',
              interval: '1m',
              templateRef: { name: 'success', namespace },
              thresholdRange: { min: 99 },
            },
          ],
          webhooks: hooks.map(type => ({
            name: `h-${type}`,
            type,
            url: `${this.witness.url}/gate/${type}`,
            timeout: '5s',
          })),
          ...settings.analysis,
        },
        ...settings.spec,
      },
    });
  }

  #stageOf(name: string): Stage {
    const { client } = this.cluster;
    const object = { namespace, name };
    return {
      image: async (tag, change) => {
        await client.patch(deployments, object, {
          spec: {
            template: { spec: { containers: containers(tag), ...change } },
          },
        });
      },
      spec: async change => {
        await client.patch<Canary>(canaries, object, { spec: change });
      },
      gate: (hook, open) => this.witness.gate(name, hook, open),
      metric: value => this.witness.metric(name, value),
      seconds: count => this.scheduler.sleep(count * 1_000),
      until: check => this.#until(name, check),
      end: async () => {
        await this.#until(name, ({ phase }) =>
          ['Succeeded', 'Failed'].includes(phase ?? ''),
        );
        await this.scheduler.sleep(7_000);
      },
    };
  }
}
