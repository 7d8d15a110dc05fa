// SPDX-License-Identifier: Apache-2.0
import { tmpdir } from 'node:os';
import type { TwinLayout } from '../controllers/kubeedge/deviceController';
import { EdgeConsole } from '../controllers/kubeedge/EdgeConsole';
import { kubeEdgeDefinitions } from '../controllers/kubeedge/kubeEdgeDefinitions';
import { RunningController } from '../controllers/runtime/Cluster';
import { customResourceDefinitions } from '../controllers/runtime/definitions';
import { ControllerName, runControllers } from '../controllers/runControllers';
import { planDefinitions } from '../controllers/systemUpgrade/planDefinitions';
import { simulatedNodeLabel } from '../controllers/workloads/kubeletController';
import { nodes } from '../controllers/workloads/workloads';
import type { Machines } from '../controllers/nodes/Machines';
import { acceleratedScheduler, Scheduler } from '../time/Scheduler';
import { aCluster, TestCluster } from './aCluster';

/** The edge nodes of a stage. */
export const edgeNodes = ['pi-1', 'pi-2'] as const;

/** Labels of an edge node. */
export const edgeLabels = {
  'node-role.kubernetes.io/edge': '',
  site: 'malmo',
} as const;

/** How a stage is set. */
export interface EdgeStageOptions {
  /** Makes a cluster with the edge nodes; a simulated one when left out. */
  readonly connect?: () => Promise<TestCluster>;
  /** The usual controllers to simulate; all that pods need when left out. */
  readonly controllers?: readonly ControllerName[];
  readonly machines?: Machines;
  /** Where twins are kept. Default `deviceStatus`. */
  readonly twinLayout?: TwinLayout;
  /** Times as fast as ours the simulated part runs. Default 50. */
  readonly rate?: number;
}

const everything: readonly ControllerName[] = [
  'deployment',
  'replicaset',
  'job',
  'scheduler',
  'kubelet',
  'node',
  'serviceaccount',
];

async function simulatedCluster(): Promise<TestCluster> {
  const cluster = await aCluster();
  for (const name of edgeNodes)
    await cluster.client.create(nodes, undefined, {
      metadata: {
        name,
        labels: {
          ...edgeLabels,
          [simulatedNodeLabel]: '',
          'kubernetes.io/hostname': name,
        },
      },
      status: { nodeInfo: { kubeletVersion: 'v1.32.5-kubeedge-v1.22.0' } },
    });
  return cluster;
}

/** A cluster with edge nodes on which KubeEdge and system-upgrade-controller are played. */
export class EdgeStage {
  private constructor(
    readonly cluster: TestCluster,
    readonly console: EdgeConsole,
    readonly scheduler: Scheduler,
    private readonly controllers: RunningController,
  ) {}

  static async start({
    connect = simulatedCluster,
    controllers: names = everything,
    machines,
    twinLayout = 'deviceStatus',
    rate = 50,
  }: EdgeStageOptions = {}): Promise<EdgeStage> {
    const cluster = await connect();
    const definitions = [
      ...kubeEdgeDefinitions(twinLayout),
      ...planDefinitions,
    ];
    for (const one of definitions)
      await cluster.client.create(customResourceDefinitions, undefined, one);
    const console = new EdgeConsole();
    const scheduler = acceleratedScheduler(rate);
    const controllers = await runControllers({
      kubeConfig: cluster.kubeConfig,
      directory: tmpdir(),
      scheduler,
      controllers: names,
      machines,
      additional: ['kubeedge', 'systemupgrade'],
      kubeEdge: { console, twinLayout },
      log: () => undefined,
    });
    return new EdgeStage(cluster, console, scheduler, controllers);
  }

  async stop(): Promise<void> {
    await this.controllers.stop();
    this.scheduler.stop();
    await this.cluster.stop();
  }
}
