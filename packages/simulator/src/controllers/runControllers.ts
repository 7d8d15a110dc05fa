// SPDX-License-Identifier: Apache-2.0
import { Scheduler, systemScheduler } from '../time/Scheduler';
import { createKustomize } from '@causeway/kustomize';
import { ArtifactStore } from './flux/ArtifactStore';
import { startGitRepositoryController } from './flux/gitRepositoryController';
import { startKustomizationController } from './flux/kustomizationController';
import { Renderer } from './flux/Renderer';
import { startNodeAgents } from './nodes/nodeController';
import { Cluster, RunningController } from './runtime/Cluster';
import { EventRecorder } from './runtime/EventRecorder';
import { Informers } from './runtime/Informers';
import { ClusterAddress, KubernetesClient } from './runtime/KubernetesClient';
import { startDeploymentController } from './workloads/deploymentController';
import { PodTimes, startKubelets } from './workloads/kubeletController';
import { startReplicaSetController } from './workloads/replicaSetController';
import { startScheduler } from './workloads/schedulerController';
import { startServiceAccountController } from './workloads/serviceAccountController';

/** The controllers there are. */
export type ControllerName =
  | 'deployment'
  | 'replicaset'
  | 'scheduler'
  | 'kubelet'
  | 'node'
  | 'serviceaccount'
  | 'gitrepository'
  | 'kustomization';

/** Settings of the controllers of one cluster. */
export interface ControllerOptions {
  /** How to reach the cluster: a `KubeConfig` of client-node, whose current context counts. */
  readonly kubeConfig: ClusterAddress;
  /** Which controllers to run; all when left out. */
  readonly controllers?: readonly ControllerName[];
  readonly scheduler?: Scheduler;
  readonly podTimes?: Partial<PodTimes>;
  /** Folder for the mirrors of Git repositories. */
  readonly directory: string;
  /** Renders kustomizations; share one among clusters. One of its own when left out. */
  readonly renderer?: Renderer;
  /** Milliseconds between two looks at the health of what was applied. Default 5,000. */
  readonly healthInterval?: number;
  readonly log?: (line: string) => void;
}

/** Pods take this long when nothing else is said, in milliseconds. */
export const defaultPodTimes: PodTimes = { start: 600, stop: 100, crash: 300 };

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
  const artifacts = new ArtifactStore();
  const kustomize = options.renderer ? undefined : createKustomize();
  const renderer =
    options.renderer ?? new Renderer(kustomize ?? createKustomize());
  const starters = {
    deployment: startDeploymentController,
    replicaset: startReplicaSetController,
    scheduler: startScheduler,
    kubelet: (target: Cluster) => startKubelets(target, times),
    node: startNodeAgents,
    serviceaccount: startServiceAccountController,
    gitrepository: (target: Cluster) =>
      startGitRepositoryController(target, {
        directory: options.directory,
        artifacts,
      }),
    kustomization: (target: Cluster) =>
      startKustomizationController(target, {
        artifacts,
        renderer,
        healthInterval: options.healthInterval,
      }),
  } satisfies Record<ControllerName, (cluster: Cluster) => RunningController>;
  const names =
    options.controllers ?? (Object.keys(starters) as ControllerName[]);
  const running = names.map(name => starters[name](cluster));
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
