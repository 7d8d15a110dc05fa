// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { KubernetesClient } from '../runtime/KubernetesClient';
import { conditionOf } from '../runtime/resources';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import { statusPatch, visitChanged } from '../workloads/owned';
import { nodes, Pod, pods } from '../workloads/workloads';
import { belongingLabel, NodeGroup, nodeGroups } from './nodeGroupObjects';
import { planNodeGroup } from './planNodeGroup';

const finalizer = 'apps.kubeedge.io/nodegroup-controller';

/** Pods that may run in a group only do not stay on a node that has left it. */
async function dismiss(
  client: KubernetesClient,
  group: string,
  node: string,
  all: readonly Pod[],
): Promise<void> {
  const bound = all.filter(
    ({ spec }) =>
      spec.nodeName === node && spec.nodeSelector?.[belongingLabel] === group,
  );
  for (const { metadata } of bound) await client.delete(pods, metadata);
}

async function reconcile(
  { client, informers }: Cluster,
  group: NodeGroup,
): Promise<NextVisit> {
  const { finalizers = [], deletionTimestamp } = group.metadata;
  const isEnding = deletionTimestamp !== undefined;
  if (isEnding && !finalizers.includes(finalizer)) return undefined;
  if (!isEnding && !finalizers.includes(finalizer))
    await client.patch(nodeGroups, group.metadata, {
      metadata: { finalizers: [...finalizers, finalizer] },
    });
  const plan = planNodeGroup(group, informers.of(nodes).list());
  for (const { node, labels } of plan.changes) {
    const { resourceVersion } = informers.of(nodes).get(node)?.metadata ?? {};
    // On old knowledge a node could be taken from another group.
    await client.patch(
      nodes,
      { name: node },
      { metadata: { resourceVersion, labels } },
    );
    if (labels[belongingLabel] === null)
      await dismiss(
        client,
        group.metadata.name,
        node,
        informers.of(pods).list(),
      );
  }
  if (isEnding) {
    await client.patch(nodeGroups, group.metadata, {
      metadata: { finalizers: finalizers.filter(one => one !== finalizer) },
    });
    return undefined;
  }
  const patch = statusPatch(group.status, { nodeStatuses: plan.members });
  if (patch) await client.patchStatus(nodeGroups, group.metadata, patch);
  return undefined;
}

/** Plays KubeEdge's node groups: labels their members and tells how they are. */
export function startNodeGroupController(cluster: Cluster): RunningController {
  const informer = cluster.informers.of(nodeGroups);
  const queue = new WorkQueue({
    name: 'nodegroup',
    scheduler: cluster.scheduler,
    log: cluster.log,
    // Two groups may want one node: one after the other, the second sees who has it.
    concurrency: 1,
    async reconcile(key) {
      const group = informer.get(key);
      return group && reconcile(cluster, group);
    },
  });
  // Asked for here, so that it is watched from the beginning.
  cluster.informers.of(pods);
  visitChanged(informer, queue);
  cluster.informers.of(nodes).onChange((node, previous) => {
    const seen = (one: typeof node) =>
      JSON.stringify([
        one?.metadata.labels,
        conditionOf(one?.status?.conditions, 'Ready')?.status,
      ]);
    if (seen(node) === seen(previous)) return;
    for (const { metadata } of informer.list()) queue.add(metadata.name);
  });
  return { stop: () => queue.stop() };
}
