// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { EventRecorder } from '../runtime/EventRecorder';
import { Informer } from '../runtime/Informer';
import { timestamp } from '../runtime/resources';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import {
  OwnedIndex,
  ownerReference,
  statusPatch,
  visitChanged,
  visitOwner,
} from './owned';
import { planReplicaSet } from './planReplicaSet';
import { Pod, pods, ReplicaSet, replicaSets } from './workloads';

class ReplicaSetController {
  readonly recorder: EventRecorder;
  readonly #owned: OwnedIndex<Pod>;

  constructor(
    private readonly cluster: Cluster,
    private readonly informer: Informer<ReplicaSet>,
    private readonly podInformer: Informer<Pod>,
  ) {
    this.recorder = cluster.recorder('replicaset-controller');
    this.#owned = new OwnedIndex(podInformer);
  }

  async reconcile(key: string): Promise<NextVisit> {
    const replicaSet = this.informer.get(key);
    if (!replicaSet) return undefined;
    const { client, scheduler } = this.cluster;
    const plan = planReplicaSet(
      replicaSet,
      this.#owned.of(replicaSet),
      scheduler.now().getTime(),
    );
    await Promise.all(
      Array.from({ length: plan.create }, () => this.#createPod(replicaSet)),
    );
    await Promise.all(plan.remove.map(pod => this.#removePod(replicaSet, pod)));
    const patch = statusPatch(replicaSet.status, plan.status);
    if (patch && !replicaSet.metadata.deletionTimestamp) {
      await client.patchStatus(replicaSets, replicaSet.metadata, patch);
    }
    return plan.recheckAfter === undefined
      ? undefined
      : { after: plan.recheckAfter + 50 };
  }

  async #createPod(replicaSet: ReplicaSet): Promise<void> {
    const { name, namespace } = replicaSet.metadata;
    const { metadata, spec } = replicaSet.spec.template;
    const pod = await this.cluster.client.create(pods, namespace, {
      metadata: {
        generateName: `${name}-`,
        namespace,
        labels: metadata?.labels,
        annotations: metadata?.annotations,
        ownerReferences: [ownerReference(replicaSets, replicaSet)],
      },
      spec,
    });
    this.podInformer.wrote(pod);
    this.recorder.note(replicaSets, replicaSet, {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${pod.metadata.name}`,
    });
  }

  async #removePod(replicaSet: ReplicaSet, pod: Pod): Promise<void> {
    await this.cluster.client.delete(pods, pod.metadata, {
      uid: pod.metadata.uid,
    });
    this.podInformer.deleting(pod, timestamp(this.cluster.scheduler.now()));
    this.recorder.note(replicaSets, replicaSet, {
      type: 'Normal',
      reason: 'SuccessfulDelete',
      message: `Deleted pod: ${pod.metadata.name}`,
    });
  }
}

/** Keeps the number of pods that each replica set asks for. */
export function startReplicaSetController(cluster: Cluster): RunningController {
  const informer = cluster.informers.of(replicaSets);
  const podInformer = cluster.informers.of(pods);
  const controller = new ReplicaSetController(cluster, informer, podInformer);
  const queue = new WorkQueue({
    name: 'replicaset',
    scheduler: cluster.scheduler,
    log: cluster.log,
    reconcile: key => controller.reconcile(key),
  });
  visitChanged(informer, queue);
  visitOwner(podInformer, 'ReplicaSet', queue);
  return {
    async stop() {
      await queue.stop();
      await controller.recorder.flush();
    },
  };
}
