// SPDX-License-Identifier: Apache-2.0
import { Scheduler, systemScheduler } from '../time/Scheduler';
import { createKustomize } from '@causeway/kustomize';
import { AdditionalOptions, startAdditional } from './additionalControllers';
import { ArtifactStore } from './flux/ArtifactStore';
import type { Traffic } from '../metrics/Traffic';
import { watchTraffic } from '../metrics/traffic/watchTraffic';
import { startFlagger } from './flagger/canaryController';
import { FlaggerSettings } from './flagger/FlaggerSurroundings';
import { GitSources } from './flux/GitSources';
import { startGitRepositoryController } from './flux/gitRepositoryController';
import { startKustomizationController } from './flux/kustomizationController';
import { Renderer } from './flux/Renderer';
import { healthyMachines } from './nodes/healthyMachines';
import { Machines } from './nodes/Machines';
import {
  startNodeAgents,
  usualHeartbeatInterval,
} from './nodes/nodeController';
import { startNodeLifecycleController } from './nodes/nodeLifecycleController';
import { Cluster, RunningController } from './runtime/Cluster';
import { EventRecorder } from './runtime/EventRecorder';
import { Informers } from './runtime/Informers';
import { ClusterAddress } from './runtime/ApiConnection';
import { KubernetesClient } from './runtime/KubernetesClient';
import { startDaemonSetController } from './workloads/daemonSetController';
import { startDeploymentController } from './workloads/deploymentController';
import { startDisruptionController } from './workloads/disruptionController';
import { startJobController } from './workloads/jobController';
import { PodTimes, startKubelets } from './workloads/kubeletController';
import { startReplicaSetController } from './workloads/replicaSetController';
import { startScheduler } from './workloads/schedulerController';
import { startServiceAccountController } from './workloads/serviceAccountController';

/** The controllers there are. */
export type ControllerName =
  | 'deployment'
  | 'replicaset'
  | 'daemonset'
  | 'job'
  | 'disruption'
  | 'scheduler'
  | 'kubelet'
  | 'node'
  | 'nodelifecycle'
  | 'serviceaccount'
  | 'gitrepository'
  | 'kustomization'
  | 'flagger'
  | 'traffic';

/** Settings of the controllers of one cluster. */
export interface ControllerOptions extends AdditionalOptions {
  /** How to reach the cluster: a `KubeConfig` of client-node, whose current context counts. */
  readonly kubeConfig: ClusterAddress;
  /** Which controllers to run; all when left out. */
  readonly controllers?: readonly ControllerName[];
  readonly scheduler?: Scheduler;
  readonly podTimes?: Partial<PodTimes>;
  /** The machines under the simulated nodes; healthy ones when left out. */
  readonly machines?: Machines;
  /** Milliseconds between two renewals of a node's lease. Default 10,000. */
  readonly heartbeatInterval?: number;
  /** Milliseconds until a node that gives no sign of life counts as unreachable. Default 50,000, or five heartbeats when they are longer. */
  readonly nodeMonitorGracePeriod?: number;
  /** Folder for the mirrors of Git repositories, or the mirrors, to share them among clusters. */
  readonly directory: string | GitSources;
  /** Renders kustomizations; share one among clusters. One of its own when left out. */
  readonly renderer?: Renderer;
  /** How Flagger is set up; it does not run when left out. */
  readonly flagger?: FlaggerSettings;
  /** Is told what is in the cluster, to model the requests to it; nothing is told when left out. */
  readonly traffic?: Traffic;
  /** Milliseconds between two looks at the health of what was applied. Default 5,000. */
  readonly healthInterval?: number;
  /** Whether a new commit ends Flux's wait for the health of the one before. Default false, as in the real Flux. */
  readonly cancelHealthCheckOnNewRevision?: boolean;
  readonly log?: (line: string) => void;
}

const idle: RunningController = { stop: async () => undefined };

/** Pods take this long when nothing else is said, in milliseconds. */
export const defaultPodTimes: PodTimes = {
  start: 600,
  stop: 100,
  crash: 300,
  complete: 1_000,
};

/**
 * Runs controllers against a cluster, simulated or real, over its API and
 * nothing else. Resolves when their caches are filled.
 */
export async function runControllers(
  options: ControllerOptions,
): Promise<RunningController> {
  const scheduler = options.scheduler ?? systemScheduler();
  const log = options.log ?? (line => process.stderr.write(`${line}\n`));
  const client = await KubernetesClient.connect(options.kubeConfig);
  const informers = new Informers({ client, scheduler, log });
  const cluster: Cluster = {
    client,
    informers,
    scheduler,
    log,
    recorder: component =>
      new EventRecorder(client, component, scheduler.now, log),
  };
  const times = { ...defaultPodTimes, ...options.podTimes };
  const {
    machines = healthyMachines,
    heartbeatInterval = usualHeartbeatInterval,
    nodeMonitorGracePeriod = Math.max(50_000, 5 * heartbeatInterval),
  } = options;
  const artifacts = new ArtifactStore();
  const kustomize = options.renderer ? undefined : createKustomize();
  const renderer =
    options.renderer ?? new Renderer(kustomize ?? createKustomize());
  const starters = {
    deployment: startDeploymentController,
    replicaset: startReplicaSetController,
    daemonset: startDaemonSetController,
    job: startJobController,
    disruption: startDisruptionController,
    scheduler: startScheduler,
    kubelet: (target: Cluster) => startKubelets(target, { times, machines }),
    node: (target: Cluster) =>
      startNodeAgents(target, { machines, heartbeatInterval }),
    nodelifecycle: (target: Cluster) =>
      startNodeLifecycleController(target, {
        gracePeriod: nodeMonitorGracePeriod,
      }),
    serviceaccount: startServiceAccountController,
    gitrepository: (target: Cluster) =>
      startGitRepositoryController(target, {
        sources:
          typeof options.directory === 'string'
            ? new GitSources(options.directory)
            : options.directory,
        artifacts,
      }),
    kustomization: (target: Cluster) =>
      startKustomizationController(target, {
        artifacts,
        renderer,
        healthInterval: options.healthInterval,
        cancelHealthCheckOnNewRevision: options.cancelHealthCheckOnNewRevision,
      }),
    flagger: (target: Cluster) =>
      options.flagger ? startFlagger(target, options.flagger) : idle,
    traffic: (target: Cluster) =>
      options.traffic ? watchTraffic(target, options.traffic) : idle,
  } satisfies Record<ControllerName, (cluster: Cluster) => RunningController>;
  const names =
    options.controllers ?? (Object.keys(starters) as ControllerName[]);
  const running = [
    ...names.map(name => starters[name](cluster)),
    ...startAdditional(cluster, options),
  ];
  await informers.start();
  return {
    async stop() {
      await Promise.all(running.map(controller => controller.stop()));
      await informers.stop();
      if (!options.scheduler) scheduler.stop();
      await kustomize?.dispose();
      client.close();
    },
  };
}
