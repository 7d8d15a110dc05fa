// SPDX-License-Identifier: Apache-2.0
import { Machines } from '../nodes/Machines';
import { Cluster, RunningController } from '../runtime/Cluster';
import { keyOf } from '../runtime/resources';
import { WorkQueue } from '../runtime/WorkQueue';
import { Kubelets, PodTimes } from './Kubelets';
import { PodsByNode } from './PodsByNode';
import { isSimulated } from './simulatedNodes';
import { nodes, pods } from './workloads';

export type { PodTimes } from './Kubelets';
export { simulatedNodeLabel } from './simulatedNodes';

/** How the pod side of the kubelets is played. */
export interface KubeletSettings {
  readonly times: PodTimes;
  readonly machines: Machines;
}

/** Plays the kubelets of all simulated nodes: starts, crashes and ends pods. */
export function startKubelets(
  cluster: Cluster,
  { times, machines }: KubeletSettings,
): RunningController {
  const podInformer = cluster.informers.of(pods);
  const nodeInformer = cluster.informers.of(nodes);
  const podsByNode = new PodsByNode(podInformer);
  const kubelets = new Kubelets(
    cluster,
    podInformer,
    nodeInformer,
    times,
    machines,
  );
  const queue = new WorkQueue({
    name: 'kubelet',
    scheduler: cluster.scheduler,
    log: cluster.log,
    concurrency: 16,
    reconcile: key => kubelets.reconcile(key),
  });
  podInformer.onChange((pod, previous) => {
    if (pod?.spec.nodeName) queue.add(keyOf(pod.metadata));
    else if (!pod && previous) {
      kubelets.forget(previous);
      queue.forget(keyOf(previous.metadata));
    }
  });
  const visitNode = (node: string) => {
    for (const pod of podsByNode.of(node)) queue.add(keyOf(pod.metadata));
  };
  nodeInformer.onChange((node, previous) => {
    if (node && !isSimulated(previous) && isSimulated(node))
      visitNode(node.metadata.name);
  });
  const unsubscribe = machines.onChange(visitNode);
  return {
    async stop() {
      unsubscribe();
      await queue.stop();
      await kubelets.recorder.flush();
    },
  };
}
