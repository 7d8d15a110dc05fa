// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { isStatus } from '../runtime/KubernetesClient';
import {
  Condition,
  conditionOf,
  KubernetesObject,
  microTimestamp,
  Resource,
  timestamp,
} from '../runtime/resources';
import { WorkQueue } from '../runtime/WorkQueue';
import { visitChanged } from '../workloads/owned';
import { simulatedNodeLabel } from '../workloads/kubeletController';
import { Node, nodes } from '../workloads/workloads';

interface Lease extends KubernetesObject {
  readonly spec?: { readonly renewTime?: string };
}

const leases: Resource<Lease> = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};
const leaseNamespace = 'kube-node-lease';
const leaseDurationSeconds = 40;
const notReadyTaint = 'node.kubernetes.io/not-ready';

/** Milliseconds between two heartbeats of a node, as real kubelets have it. */
export const heartbeatInterval = 10_000;

/** Plays the node side of the kubelets: simulated nodes become Ready and renew their leases. */
export function startNodeAgents(cluster: Cluster): RunningController {
  const informer = cluster.informers.of(nodes);
  const renewals = new Map<string, number>();
  const queue = new WorkQueue({
    name: 'node',
    scheduler: cluster.scheduler,
    log: cluster.log,
    async reconcile(name) {
      const node = informer.get(name);
      if (node?.metadata.labels?.[simulatedNodeLabel] === undefined) {
        renewals.delete(name);
        return undefined;
      }
      const now = cluster.scheduler.now();
      if (conditionOf(node.status?.conditions, 'Ready')?.status !== 'True') {
        const conditions = healthyConditions(now);
        await cluster.client.patchStatus(nodes, node.metadata, { conditions });
      }
      await removeNotReadyTaint(cluster, node);
      const renewed = renewals.get(name);
      const due = (renewed ?? -Infinity) + heartbeatInterval - now.getTime();
      if (due > 0) return { after: due };
      await renewLease(cluster, node, renewed !== undefined);
      renewals.set(name, now.getTime());
      return { after: heartbeatInterval };
    },
  });
  visitChanged(informer, queue);
  return { stop: () => queue.stop() };
}

/** A real API server taints new nodes until the node lifecycle controller sees them ready. */
async function removeNotReadyTaint(
  { client }: Cluster,
  { metadata, spec }: Node,
): Promise<void> {
  const taints = spec?.taints ?? [];
  const kept = taints.filter(({ key }) => key !== notReadyTaint);
  if (kept.length === taints.length) return;
  await client.patch(nodes, metadata, {
    metadata: { resourceVersion: metadata.resourceVersion },
    spec: { taints: kept },
  });
}

/** What a kubelet says of a node that has nothing to complain about. */
export function healthyConditions(now: Date): readonly Condition[] {
  const when = timestamp(now);
  const condition = (
    type: string,
    status: Condition['status'],
    reason: string,
    message: string,
  ): Condition => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: when,
    lastTransitionTime: when,
  });
  return [
    condition(
      'MemoryPressure',
      'False',
      'KubeletHasSufficientMemory',
      'kubelet has sufficient memory available',
    ),
    condition(
      'DiskPressure',
      'False',
      'KubeletHasNoDiskPressure',
      'kubelet has no disk pressure',
    ),
    condition(
      'PIDPressure',
      'False',
      'KubeletHasSufficientPID',
      'kubelet has sufficient PID available',
    ),
    condition(
      'Ready',
      'True',
      'KubeletReady',
      'kubelet is posting ready status',
    ),
  ];
}

async function renewLease(
  { client, scheduler }: Cluster,
  node: Node,
  exists: boolean,
): Promise<void> {
  const { name, uid } = node.metadata;
  const renewTime = microTimestamp(scheduler.now());
  const renew = () =>
    client.patch(
      leases,
      { namespace: leaseNamespace, name },
      { spec: { renewTime } },
    );
  const create = () =>
    client.create(leases, leaseNamespace, {
      metadata: {
        name,
        namespace: leaseNamespace,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
      },
      spec: { holderIdentity: name, leaseDurationSeconds, renewTime },
    });
  const [first, second] = exists ? [renew, create] : [create, renew];
  try {
    await first();
  } catch (error) {
    // Somebody deleted it, or it is there from an earlier run.
    if (!isStatus(error, exists ? 404 : 409)) throw error;
    await second();
  }
}
