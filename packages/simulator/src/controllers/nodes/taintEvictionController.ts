// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { EventRecorder } from '../runtime/EventRecorder';
import { Informer } from '../runtime/Informer';
import { isStatus } from '../runtime/KubernetesError';
import { conditionOf, keyOf, timestamp } from '../runtime/resources';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import { hasEnded } from '../workloads/podLife';
import { PodsByNode } from '../workloads/PodsByNode';
import { canonicalJson } from '../workloads/templateHash';
import { stayOf } from '../workloads/tolerations';
import { Node, nodes, Pod, pods } from '../workloads/workloads';

function drivingTaints(node: Node | undefined) {
  return (node?.spec?.taints ?? []).filter(
    ({ effect }) => effect === 'NoExecute',
  );
}

class TaintEviction {
  readonly recorder: EventRecorder;
  /** Since when pods have had to leave, in milliseconds since the epoch. */
  readonly #since = new Map<string, number>();

  constructor(
    private readonly cluster: Cluster,
    private readonly podInformer: Informer<Pod>,
    private readonly nodeInformer: Informer<Node>,
  ) {
    this.recorder = cluster.recorder('taint-eviction-controller');
  }

  forget({ metadata }: Pod): void {
    this.#since.delete(metadata.uid);
  }

  async reconcile(key: string): Promise<NextVisit> {
    const pod = this.podInformer.get(key);
    if (!pod || pod.metadata.deletionTimestamp || hasEnded(pod))
      return undefined;
    const { uid } = pod.metadata;
    const node = this.nodeInformer.get(pod.spec.nodeName ?? '');
    const stay = stayOf(pod.spec.tolerations, drivingTaints(node));
    if (stay === Infinity) {
      if (this.#since.delete(uid))
        this.#note(pod, `Cancelling deletion of Pod ${key}`);
      return undefined;
    }
    const now = this.cluster.scheduler.now().getTime();
    const since = this.#since.get(uid) ?? now;
    this.#since.set(uid, since);
    const wait = since + stay * 1000 - now;
    if (wait > 0) return { after: wait };
    this.#note(pod, `Marking for deletion Pod ${key}`);
    await this.#evict(pod);
    return undefined;
  }

  async #evict(pod: Pod): Promise<void> {
    const { client, scheduler } = this.cluster;
    const before = pod.status?.conditions ?? [];
    const target = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastProbeTime: null,
      lastTransitionTime: timestamp(scheduler.now()),
    };
    try {
      if (!conditionOf(before, target.type))
        await client.patchStatus(pods, pod.metadata, {
          conditions: [...before, target],
        });
      await client.delete(pods, pod.metadata, { uid: pod.metadata.uid });
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }

  #note(pod: Pod, message: string): void {
    this.recorder.note(pods, pod, {
      type: 'Normal',
      reason: 'TaintManagerEviction',
      message,
    });
  }
}

/** Deletes pods from nodes whose `NoExecute` taints they do not tolerate, or no longer. */
export function startTaintEviction(cluster: Cluster): RunningController {
  const podInformer = cluster.informers.of(pods);
  const nodeInformer = cluster.informers.of(nodes);
  const podsByNode = new PodsByNode(podInformer);
  const eviction = new TaintEviction(cluster, podInformer, nodeInformer);
  const queue = new WorkQueue({
    name: 'tainteviction',
    scheduler: cluster.scheduler,
    log: cluster.log,
    reconcile: key => eviction.reconcile(key),
  });
  podInformer.onChange((pod, previous) => {
    if (!pod && previous) {
      eviction.forget(previous);
      queue.forget(keyOf(previous.metadata));
    } else if (
      pod &&
      pod.spec.nodeName !== previous?.spec.nodeName &&
      drivingTaints(nodeInformer.get(pod.spec.nodeName ?? '')).length > 0
    ) {
      queue.add(keyOf(pod.metadata));
    }
  });
  nodeInformer.onChange((node, previous) => {
    const taints = drivingTaints(node);
    if (
      !node ||
      canonicalJson(taints) === canonicalJson(drivingTaints(previous))
    )
      return;
    for (const pod of podsByNode.of(node.metadata.name))
      queue.add(keyOf(pod.metadata));
  });
  return {
    async stop() {
      await queue.stop();
      await eviction.recorder.flush();
    },
  };
}
