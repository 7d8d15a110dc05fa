// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { isStatus } from '../runtime/KubernetesError';
import { WorkQueue } from '../runtime/WorkQueue';
import { visitChanged } from './owned';
import { namespaces, serviceAccounts } from './workloads';

/** Gives every namespace its service account `default`. */
export function startServiceAccountController(
  cluster: Cluster,
): RunningController {
  const informer = cluster.informers.of(namespaces);
  const provided = new Set<string>();
  const queue = new WorkQueue({
    name: 'serviceaccount',
    scheduler: cluster.scheduler,
    log: cluster.log,
    async reconcile(namespace) {
      const object = informer.get(namespace);
      if (
        !object ||
        object.metadata.deletionTimestamp ||
        provided.has(object.metadata.uid)
      )
        return undefined;
      try {
        await cluster.client.create(serviceAccounts, namespace, {
          metadata: { name: 'default', namespace },
        });
      } catch (error) {
        if (!isStatus(error, 409)) throw error;
      }
      provided.add(object.metadata.uid);
      return undefined;
    },
  });
  visitChanged(informer, queue);
  return { stop: () => queue.stop() };
}
