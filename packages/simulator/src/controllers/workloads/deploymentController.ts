// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { EventRecorder } from '../runtime/EventRecorder';
import { Informer } from '../runtime/Informer';
import { isStatus } from '../runtime/KubernetesError';
import { StringMap } from '../runtime/resources';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import {
  OwnedIndex,
  ownerReference,
  statusPatch,
  visitChanged,
  visitOwner,
} from './owned';
import {
  DeploymentAction,
  planDeployment,
  revisionAnnotation,
  rollingLimits,
} from './planDeployment';
import { templateHash, templateHashLabel } from './templateHash';
import { Deployment, deployments, ReplicaSet, replicaSets } from './workloads';

const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
const maxAnnotation = 'deployment.kubernetes.io/max-replicas';
const notCopied = [
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  desiredAnnotation,
  maxAnnotation,
];

class DeploymentController {
  readonly recorder: EventRecorder;
  readonly #owned: OwnedIndex<ReplicaSet>;

  constructor(
    private readonly cluster: Cluster,
    private readonly informer: Informer<Deployment>,
    private readonly sets: Informer<ReplicaSet>,
  ) {
    this.recorder = cluster.recorder('deployment-controller');
    this.#owned = new OwnedIndex(sets);
  }

  async reconcile(key: string): Promise<NextVisit> {
    const deployment = this.informer.get(key);
    if (!deployment || deployment.metadata.deletionTimestamp) return undefined;
    const owned = this.#owned
      .of(deployment)
      .filter(({ metadata }) => !metadata.deletionTimestamp);
    const plan = planDeployment(
      deployment,
      owned,
      this.cluster.scheduler.now(),
    );
    for (const action of plan.actions) await this.#perform(deployment, action);
    const patch = statusPatch(deployment.status, plan.status);
    if (patch)
      await this.cluster.client.patchStatus(
        deployments,
        deployment.metadata,
        patch,
      );
    return plan.recheckAfter === undefined
      ? undefined
      : { after: plan.recheckAfter + 50 };
  }

  async #perform(
    deployment: Deployment,
    action: DeploymentAction,
  ): Promise<void> {
    const { client } = this.cluster;
    switch (action.kind) {
      case 'createReplicaSet':
        await this.#create(deployment, action.revision, action.replicas);
        return;
      case 'scale':
        await this.#scale(deployment, action.replicaSet, action.replicas);
        return;
      case 'setRevision':
        await client.patch(
          replicaSets,
          action.replicaSet.metadata,
          revisionPatch(action.revision),
        );
        return;
      case 'setDeploymentRevision':
        await client.patch(
          deployments,
          deployment.metadata,
          revisionPatch(action.revision),
        );
        return;
      case 'deleteReplicaSet':
        await client.delete(replicaSets, action.replicaSet.metadata, {
          propagationPolicy: 'Background',
          uid: action.replicaSet.metadata.uid,
        });
        return;
      default:
        throw new Error(
          `Unknown action ${JSON.stringify(action satisfies never)}`,
        );
    }
  }

  async #create(
    deployment: Deployment,
    revision: number,
    replicas: number,
  ): Promise<void> {
    const { namespace, name } = deployment.metadata;
    const { template, selector, minReadySeconds } = deployment.spec;
    const hash = templateHash(template);
    const labels = { ...template.metadata?.labels, [templateHashLabel]: hash };
    const body = {
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels,
        annotations: {
          ...copied(deployment.metadata.annotations),
          ...sizes(deployment),
          [revisionAnnotation]: String(revision),
        },
        ownerReferences: [ownerReference(deployments, deployment)],
      },
      spec: {
        replicas,
        ...(minReadySeconds ? { minReadySeconds } : {}),
        selector: {
          ...selector,
          matchLabels: { ...selector.matchLabels, [templateHashLabel]: hash },
        },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    };
    try {
      this.sets.wrote(
        await this.cluster.client.create(replicaSets, namespace, body),
      );
    } catch (error) {
      // The cache is behind: the replica set is there and will be found in it.
      if (isStatus(error, 409)) return;
      throw error;
    }
    await this.cluster.client.patch(
      deployments,
      deployment.metadata,
      revisionPatch(revision),
    );
    this.#noteScaling(deployment, body.metadata.name, 0, replicas);
  }

  async #scale(
    deployment: Deployment,
    replicaSet: ReplicaSet,
    replicas: number,
  ): Promise<void> {
    const before = replicaSet.spec.replicas ?? 1;
    // The version makes the server refuse when the count was decided on old knowledge.
    const { resourceVersion } = replicaSet.metadata;
    const patch = {
      metadata: { resourceVersion, annotations: sizes(deployment) },
      spec: { replicas },
    };
    await this.cluster.client.patch(replicaSets, replicaSet.metadata, patch);
    this.#noteScaling(deployment, replicaSet.metadata.name, before, replicas);
  }

  #noteScaling(
    deployment: Deployment,
    replicaSet: string,
    before: number,
    after: number,
  ): void {
    if (before === after) return;
    this.recorder.note(deployments, deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${
        after > before ? 'up' : 'down'
      } replica set ${replicaSet} from ${before} to ${after}`,
    });
  }
}

function revisionPatch(revision: number): object {
  return {
    metadata: { annotations: { [revisionAnnotation]: String(revision) } },
  };
}

function copied(annotations: StringMap | undefined): StringMap {
  return Object.fromEntries(
    Object.entries(annotations ?? {}).filter(
      ([key]) => !notCopied.includes(key),
    ),
  );
}

function sizes(deployment: Deployment): StringMap {
  const replicas = deployment.spec.replicas ?? 1;
  return {
    [desiredAnnotation]: String(replicas),
    [maxAnnotation]: String(replicas + rollingLimits(deployment).maxSurge),
  };
}

/** Rolls deployments out by their replica sets. */
export function startDeploymentController(cluster: Cluster): RunningController {
  const informer = cluster.informers.of(deployments);
  const sets = cluster.informers.of(replicaSets);
  const controller = new DeploymentController(cluster, informer, sets);
  const queue = new WorkQueue({
    name: 'deployment',
    scheduler: cluster.scheduler,
    log: cluster.log,
    reconcile: key => controller.reconcile(key),
  });
  visitChanged(informer, queue);
  visitOwner(sets, 'Deployment', queue);
  return {
    async stop() {
      await queue.stop();
      await controller.recorder.flush();
    },
  };
}
