// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { Informer } from '../runtime/Informer';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import { statusPatch, visitChanged, visitOwner } from './owned';
import { OwnedPods } from './OwnedPods';
import { planReplicaSet } from './planReplicaSet';
import { pods, ReplicaSet, replicaSets } from './workloads';

class ReplicaSetController {
  constructor(
    private readonly cluster: Cluster,
    private readonly informer: Informer<ReplicaSet>,
    private readonly owned: OwnedPods<ReplicaSet>,
  ) {}

  async reconcile(key: string): Promise<NextVisit> {
    const replicaSet = this.informer.get(key);
    if (!replicaSet) return undefined;
    const { client, scheduler } = this.cluster;
    const plan = planReplicaSet(
      replicaSet,
      this.owned.of(replicaSet),
      scheduler.now().getTime(),
    );
    await Promise.all(
      Array.from({ length: plan.create }, () =>
        this.owned.create(replicaSet, replicaSet.spec.template),
      ),
    );
    await Promise.all(
      plan.remove.map(pod => this.owned.remove(replicaSet, pod)),
    );
    const patch = statusPatch(replicaSet.status, plan.status);
    if (patch && !replicaSet.metadata.deletionTimestamp) {
      await client.patchStatus(replicaSets, replicaSet.metadata, patch);
    }
    return plan.recheckAfter === undefined
      ? undefined
      : { after: plan.recheckAfter + 50 };
  }
}

/** Keeps the number of pods that each replica set asks for. */
export function startReplicaSetController(cluster: Cluster): RunningController {
  const informer = cluster.informers.of(replicaSets);
  const podInformer = cluster.informers.of(pods);
  const owned = new OwnedPods(
    cluster,
    replicaSets,
    podInformer,
    'replicaset-controller',
  );
  const controller = new ReplicaSetController(cluster, informer, owned);
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
      await owned.recorder.flush();
    },
  };
}
