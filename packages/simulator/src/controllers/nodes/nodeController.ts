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

/** Milliseconds between two heartbeats of a node, as real kubelets have it. */
export const heartbeatInterval = 10_000;

/** Plays the node side of the kubelets: simulated nodes become Ready and renew their leases. */
export function startNodeAgents(cluster: Cluster): RunningController {
  const informer = cluster.informers.of(nodes);
  const leased = new Set<string>();
  const queue = new WorkQueue({
    name: 'node',
    scheduler: cluster.scheduler,
    log: cluster.log,
    async reconcile(name) {
      const node = informer.get(name);
      if (node?.metadata.labels?.[simulatedNodeLabel] === undefined) {
        leased.delete(name);
        return undefined;
      }
      await becomeReady(cluster, node);
      await renewLease(cluster, node, leased);
      return { after: heartbeatInterval };
    },
  });
  visitChanged(informer, queue);
  return { stop: () => queue.stop() };
}

async function becomeReady(
  { client, scheduler }: Cluster,
  node: Node,
): Promise<void> {
  if (conditionOf(node.status?.conditions, 'Ready')?.status === 'True') return;
  const when = timestamp(scheduler.now());
  const healthy = (
    type: string,
    reason: string,
    message: string,
    status: Condition['status'],
  ): Condition => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: when,
    lastTransitionTime: when,
  });
  await client.patchStatus(nodes, node.metadata, {
    conditions: [
      healthy(
        'MemoryPressure',
        'KubeletHasSufficientMemory',
        'kubelet has sufficient memory available',
        'False',
      ),
      healthy(
        'DiskPressure',
        'KubeletHasNoDiskPressure',
        'kubelet has no disk pressure',
        'False',
      ),
      healthy(
        'PIDPressure',
        'KubeletHasSufficientPID',
        'kubelet has sufficient PID available',
        'False',
      ),
      healthy(
        'Ready',
        'KubeletReady',
        'kubelet is posting ready status',
        'True',
      ),
    ],
  });
}

async function renewLease(
  { client, scheduler }: Cluster,
  node: Node,
  leased: Set<string>,
): Promise<void> {
  const { name, uid } = node.metadata;
  const renewTime = microTimestamp(scheduler.now());
  if (leased.has(name)) {
    try {
      await client.patch(
        leases,
        { namespace: leaseNamespace, name },
        { spec: { renewTime } },
      );
      return;
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }
  try {
    await client.create(leases, leaseNamespace, {
      metadata: {
        name,
        namespace: leaseNamespace,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
      },
      spec: { holderIdentity: name, leaseDurationSeconds, renewTime },
    });
  } catch (error) {
    // There from before: the next heartbeat renews it.
    if (!isStatus(error, 409)) throw error;
  }
  leased.add(name);
}
