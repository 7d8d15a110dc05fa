// SPDX-License-Identifier: Apache-2.0
import { leases, leaseNamespace } from '../controllers/nodes/leases';
import { ControllerName, runControllers } from '../controllers/runControllers';
import type { RunningController } from '../controllers/runtime/Cluster';
import { conditionOf } from '../controllers/runtime/resources';
import {
  daemonSets,
  Node,
  nodes,
  Pod,
  pods,
} from '../controllers/workloads/workloads';
import { deviceMetrics } from '../devices/deviceMetrics';
import { DeviceMachines } from '../devices/DeviceMachines';
import { DeviceWorld } from '../devices/DeviceWorld';
import type { EffectRequest } from '../devices/effects';
import { planFleet } from '../devices/planFleet';
import {
  MetricsServer,
  startMetricsServer,
} from '../metrics/startMetricsServer';
import { acceleratedScheduler, Scheduler } from '../time/Scheduler';
import { machinesOf, nodeOf } from '../world/nodes';
import { aCluster, TestCluster } from './aCluster';

/** The laboratory: a Jetson and two Raspberry Pis. */
const laboratory = 'edge-staging';

/** Two devices of a stage. */
export const [jetson, pi] = ['lab-jetson-01', 'lab-pi-01'] as const;

/** An application that runs on every device, and once more for every version that comes. */
const application = (version: string) => ({
  metadata: { name: 'belt' },
  spec: {
    selector: { matchLabels: { app: 'belt' } },
    template: {
      metadata: { labels: { app: 'belt' } },
      spec: { containers: [{ name: 'app', image: `belt:${version}` }] },
    },
    updateStrategy: {
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: '100%' },
    },
  },
});

const isRunning = ({ status }: Pod) =>
  conditionOf(status?.conditions, 'Ready')?.status === 'True';

/** A check on nodes: whether they have a condition. */
export const hasCondition =
  (type: string, status: string) =>
  ({ status: state }: Node) =>
    conditionOf(state?.conditions, type)?.status === status;

/** How a stage is set. */
export interface DeviceStageOptions {
  /** Makes a cluster without nodes; a simulated one when left out. */
  readonly connect?: (scheduler: Scheduler) => Promise<TestCluster>;
  /** The controllers to simulate; all that the devices need when left out. */
  readonly controllers?: readonly ControllerName[];
  /** Time of the simulated part; 120 times as fast as ours when left out. The stage stops it. */
  readonly scheduler?: Scheduler;
  readonly heartbeatInterval?: number;
}

/** A cluster of simulated devices with an application on each, and what Prometheus says of them. */
export class DeviceStage {
  readonly world: DeviceWorld;
  readonly #machines: DeviceMachines;
  #controllers: RunningController | undefined;
  #metrics: MetricsServer | undefined;

  private constructor(
    readonly cluster: TestCluster,
    readonly scheduler: Scheduler,
  ) {
    const { now } = scheduler;
    this.world = new DeviceWorld({ plan: planFleet(), clock: now });
    this.#machines = new DeviceMachines(this.world, laboratory, scheduler);
  }

  /** Resolves when the first version of the application runs on both devices. */
  static async start({
    connect = ({ now }) => aCluster(now),
    controllers = [
      'daemonset',
      'scheduler',
      'kubelet',
      'node',
      'nodelifecycle',
    ],
    scheduler = acceleratedScheduler(120),
    heartbeatInterval,
  }: DeviceStageOptions = {}): Promise<DeviceStage> {
    const stage = new DeviceStage(await connect(scheduler), scheduler);
    try {
      await stage.#open(controllers, heartbeatInterval);
    } catch (error) {
      await stage.stop();
      throw error;
    }
    return stage;
  }

  async #open(
    controllers: readonly ControllerName[],
    heartbeatInterval: number | undefined,
  ): Promise<void> {
    const { client, kubeConfig } = this.cluster;
    const machines = machinesOf(laboratory, this.world.plan);
    for (const [index, machine] of machines.entries()) {
      const bootedAt = this.#machines.bootedAt(machine.name);
      await client.create(nodes, undefined, nodeOf(machine, index, bootedAt));
    }
    this.#controllers = await runControllers({
      kubeConfig,
      controllers,
      scheduler: this.scheduler,
      machines: this.#machines,
      heartbeatInterval,
      directory: '/nonexistent',
      log: () => undefined,
    });
    this.#metrics = await startMetricsServer({
      port: 0,
      clock: this.scheduler.now,
      sources: () => [deviceMetrics(this.world, laboratory)],
    });
    await client.create(daemonSets, 'default', application('1.0.0'));
    await Promise.all(
      [jetson, pi].map(device => this.running(device, '1.0.0')),
    );
  }

  async stop(): Promise<void> {
    await this.#metrics?.stop();
    this.#machines.stop();
    await this.#controllers?.stop();
    this.scheduler.stop();
    await this.cluster.stop();
  }

  /** Does something to devices, until `end` is called. */
  begin(request: EffectRequest): { readonly end: () => void } {
    return this.world.effects.begin(request);
  }

  /** Rolls a version of the application out. */
  release(version: string): Promise<unknown> {
    return this.cluster.client.patch(
      daemonSets,
      { namespace: 'default', name: 'belt' },
      { spec: application(version).spec },
    );
  }

  /** Resolves with a node when it passes the check. */
  node(name: string, check: (state: Node) => boolean): Promise<Node> {
    return this.cluster.until(nodes, { name }, check);
  }

  /** The last sign of life of a node, by its own clock. */
  async lease(name: string): Promise<string | undefined> {
    const key = { namespace: leaseNamespace, name };
    return (await this.cluster.client.get(leases, key))?.spec?.renewTime;
  }

  /** The pods of the application on a device. */
  async podsOn(device: string): Promise<readonly Pod[]> {
    const { items } = await this.cluster.client.list(pods);
    return items.filter(({ spec }) => spec.nodeName === device);
  }

  /** The images that a device runs. */
  async imagesOn(device: string): Promise<readonly string[]> {
    const found = await this.podsOn(device);
    return found.map(({ spec }) => spec.containers[0].image);
  }

  /** Resolves with the pod of a version on a device, once it is ready. */
  running(device: string, version: string): Promise<Pod> {
    return this.eventually(async () =>
      (await this.podsOn(device)).find(
        pod =>
          pod.spec.containers[0].image === `belt:${version}` && isRunning(pod),
      ),
    );
  }

  /** Resolves with the pod of this name when it is ready after so many restarts. */
  restarted({ metadata: { name } }: Pod, times: number): Promise<Pod> {
    return this.cluster.until(
      pods,
      { namespace: 'default', name },
      state =>
        isRunning(state) &&
        state.status?.containerStatuses?.[0].restartCount === times,
    );
  }

  /** What Prometheus answers now, by node. */
  async query(promql: string): Promise<Readonly<Record<string, number>>> {
    const question = encodeURIComponent(promql);
    const response = await fetch(
      `${this.#metrics?.url}/api/v1/query?query=${question}`,
    );
    const { data } = await response.json();
    const results: { metric: { node: string }; value: [number, string] }[] =
      data.result;
    return Object.fromEntries(
      results.map(({ metric, value }) => [metric.node, Number(value[1])]),
    );
  }

  /** Asks every half second of the stage's time until there is an answer. */
  async eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      await this.scheduler.sleep(500);
    }
  }
}
