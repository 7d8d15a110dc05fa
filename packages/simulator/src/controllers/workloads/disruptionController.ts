// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { Informer } from '../runtime/Informer';
import {
  controllerOf,
  keyOf,
  KubernetesObject,
  OwnerReference,
} from '../runtime/resources';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import { statusPatch, visitChanged } from './owned';
import {
  coversPod,
  ExpectedScale,
  planDisruptionBudget,
} from './planDisruptionBudget';
import {
  Deployment,
  deployments,
  DisruptionBudget,
  disruptionBudgets,
  Pod,
  pods,
  ReplicaSet,
  replicaSets,
} from './workloads';

class DisruptionController {
  constructor(
    private readonly cluster: Cluster,
    private readonly informer: Informer<DisruptionBudget>,
    private readonly podInformer: Informer<Pod>,
    private readonly sets: Informer<ReplicaSet>,
    private readonly deploymentInformer: Informer<Deployment>,
  ) {}

  async reconcile(key: string): Promise<NextVisit> {
    const budget = this.informer.get(key);
    if (!budget || budget.metadata.deletionTimestamp) return undefined;
    const { client, scheduler } = this.cluster;
    const { namespace } = budget.metadata;
    const covered = this.podInformer
      .list()
      .filter(
        pod => pod.metadata.namespace === namespace && coversPod(budget, pod),
      );
    const status = planDisruptionBudget(
      budget,
      covered,
      this.#scaleOf(covered),
      scheduler.now(),
    );
    const patch = statusPatch(budget.status, status);
    if (patch)
      await client.patchStatus(disruptionBudgets, budget.metadata, patch);
    return undefined;
  }

  /** Of pods that nobody owns, nobody wants any. */
  #scaleOf(covered: readonly Pod[]): ExpectedScale {
    const scales = new Map<string, number>();
    for (const pod of covered) {
      const owner = controllerOf(pod);
      if (!owner) continue;
      const scale = this.#scaleOfOwner(owner, pod.metadata.namespace);
      if (!scale)
        return {
          kind: 'unknown',
          message: `found no controllers for pod "${pod.metadata.name}"`,
        };
      scales.set(scale.uid, scale.replicas);
    }
    const total = [...scales.values()].reduce((sum, one) => sum + one, 0);
    return { kind: 'known', pods: total };
  }

  #scaleOfOwner(
    { kind, name, uid }: OwnerReference,
    namespace: string | undefined,
  ): { readonly uid: string; readonly replicas: number } | undefined {
    if (kind !== 'ReplicaSet') return undefined;
    const set = this.sets.get(keyOf({ namespace, name }));
    if (!set || set.metadata.uid !== uid) return undefined;
    const owner = controllerOf(set);
    const deployment =
      owner?.kind === 'Deployment'
        ? this.deploymentInformer.get(keyOf({ namespace, name: owner.name }))
        : undefined;
    const { metadata, spec } = deployment ?? set;
    return { uid: metadata.uid, replicas: spec.replicas ?? 1 };
  }
}

/** Says in the status of every disruption budget how many pods may be evicted now. */
export function startDisruptionController(cluster: Cluster): RunningController {
  const informer = cluster.informers.of(disruptionBudgets);
  const podInformer = cluster.informers.of(pods);
  const sets = cluster.informers.of(replicaSets);
  const deploymentInformer = cluster.informers.of(deployments);
  const controller = new DisruptionController(
    cluster,
    informer,
    podInformer,
    sets,
    deploymentInformer,
  );
  const queue = new WorkQueue({
    name: 'disruption',
    scheduler: cluster.scheduler,
    log: cluster.log,
    reconcile: key => controller.reconcile(key),
  });
  visitChanged(informer, queue);
  podInformer.onChange((pod, previous) => {
    const states = [pod, previous].flatMap(state => state ?? []);
    for (const budget of informer.list()) {
      const { namespace } = budget.metadata;
      const isCovered = states.some(
        state =>
          state.metadata.namespace === namespace && coversPod(budget, state),
      );
      if (isCovered) queue.add(keyOf(budget.metadata));
    }
  });
  const visitNamespace = (
    object: KubernetesObject | undefined,
    previous: KubernetesObject | undefined,
  ) => {
    const namespace = (object ?? previous)?.metadata.namespace;
    for (const { metadata } of informer.list())
      if (metadata.namespace === namespace) queue.add(keyOf(metadata));
  };
  sets.onChange(visitNamespace);
  deploymentInformer.onChange(visitNamespace);
  return { stop: () => queue.stop() };
}
