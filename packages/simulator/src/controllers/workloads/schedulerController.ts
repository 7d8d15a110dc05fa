// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { Informer } from '../runtime/Informer';
import { isStatus } from '../runtime/KubernetesError';
import {
  conditionOf,
  controllerOf,
  keyOf,
  timestamp,
} from '../runtime/resources';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import { targetNode } from './planDaemonSet';
import { objection, place, Placement } from './schedule';
import { isActive, Node, nodes, Pod, pods } from './workloads';

function waits(pod: Pod): boolean {
  return !pod.spec.nodeName && isActive(pod);
}

function schedulingFacts({ spec, metadata, status }: Node): string {
  return JSON.stringify([
    spec,
    metadata.labels,
    conditionOf(status?.conditions, 'Ready')?.status,
  ]);
}

class PodScheduler {
  /** Nodes chosen here that the cache does not show yet. */
  readonly #chosen = new Map<string, string>();

  constructor(
    private readonly cluster: Cluster,
    private readonly podInformer: Informer<Pod>,
    private readonly nodeInformer: Informer<Node>,
  ) {}

  forget(key: string): void {
    this.#chosen.delete(key);
  }

  async reconcile(
    key: string,
    recorder: ReturnType<Cluster['recorder']>,
  ): Promise<NextVisit> {
    const pod = this.podInformer.get(key);
    if (!pod || !waits(pod) || this.#chosen.has(key)) return undefined;
    const placement = this.#placeOf(pod);
    if (placement.kind === 'none') {
      await this.#report(pod, placement.message, recorder);
      return undefined;
    }
    const node = placement.node.metadata.name;
    try {
      await this.cluster.client.post(pods, pod.metadata, 'binding', {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: {
          name: pod.metadata.name,
          namespace: pod.metadata.namespace,
          uid: pod.metadata.uid,
        },
        target: { apiVersion: 'v1', kind: 'Node', name: node },
      });
    } catch (error) {
      // Deleted or bound by somebody else in the meantime; the watch will tell.
      if (isStatus(error, 404) || isStatus(error, 409)) return undefined;
      throw error;
    }
    this.#chosen.set(key, node);
    recorder.note(pods, pod, {
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${key} to ${node}`,
    });
    return undefined;
  }

  /** Of a pod that is for one node only that node is asked, as long as it takes the pod. */
  #placeOf(pod: Pod): Placement {
    const named = this.nodeInformer.get(targetNode(pod) ?? '');
    return named && !objection(pod, named)
      ? { kind: 'node', node: named }
      : place(pod, this.nodeInformer.list(), this.#siblingsOf(pod));
  }

  #siblingsOf(pod: Pod): (nodeName: string) => number {
    const owner = controllerOf(pod)?.uid;
    const siblings = new Map<string, number>();
    for (const other of this.podInformer.list()) {
      if (!owner || controllerOf(other)?.uid !== owner) continue;
      const node =
        other.spec.nodeName ?? this.#chosen.get(keyOf(other.metadata));
      if (node && isActive(other))
        siblings.set(node, (siblings.get(node) ?? 0) + 1);
    }
    return nodeName => siblings.get(nodeName) ?? 0;
  }

  async #report(
    pod: Pod,
    message: string,
    recorder: ReturnType<Cluster['recorder']>,
  ): Promise<void> {
    const previous = conditionOf(pod.status?.conditions, 'PodScheduled');
    if (previous?.reason === 'Unschedulable' && previous.message === message)
      return;
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastProbeTime: null,
      lastTransitionTime: timestamp(this.cluster.scheduler.now()),
    };
    const others = (pod.status?.conditions ?? []).filter(
      ({ type }) => type !== 'PodScheduled',
    );
    await this.cluster.client.patchStatus(pods, pod.metadata, {
      conditions: [...others, condition],
    });
    recorder.note(pods, pod, {
      type: 'Warning',
      reason: 'FailedScheduling',
      message,
    });
  }
}

/** Puts pods on nodes, one after another, so that each sees where the one before went. */
export function startScheduler(cluster: Cluster): RunningController {
  const podInformer = cluster.informers.of(pods);
  const nodeInformer = cluster.informers.of(nodes);
  const recorder = cluster.recorder('default-scheduler');
  const scheduler = new PodScheduler(cluster, podInformer, nodeInformer);
  const queue = new WorkQueue({
    name: 'scheduler',
    scheduler: cluster.scheduler,
    log: cluster.log,
    concurrency: 1,
    reconcile: key => scheduler.reconcile(key, recorder),
  });
  podInformer.onChange((pod, previous) => {
    if (pod && waits(pod)) queue.add(keyOf(pod.metadata));
    else if (!pod && previous) {
      scheduler.forget(keyOf(previous.metadata));
      queue.forget(keyOf(previous.metadata));
    }
  });
  nodeInformer.onChange((node, previous) => {
    // A heartbeat changes nothing for those who wait; a new, changed or freed node may.
    if (node && previous && schedulingFacts(node) === schedulingFacts(previous))
      return;
    for (const pod of podInformer.list())
      if (waits(pod)) queue.add(keyOf(pod.metadata));
  });
  return {
    async stop() {
      await queue.stop();
      await recorder.flush();
    },
  };
}
