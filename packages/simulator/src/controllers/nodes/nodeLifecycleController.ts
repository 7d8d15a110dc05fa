// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { EventRecorder } from '../runtime/EventRecorder';
import { Informer } from '../runtime/Informer';
import { PatchOptions } from '../runtime/KubernetesClient';
import { isStatus } from '../runtime/KubernetesError';
import { conditionOf, keyOf, timestamp } from '../runtime/resources';
import { repeat } from '../runtime/repeat';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import { PodsByNode } from '../workloads/PodsByNode';
import { visitChanged } from '../workloads/owned';
import { Node, nodes, Pod, pods, readyCondition } from '../workloads/workloads';
import { DrainPace, initialPace, nextPace } from './drainPace';
import { Lease, leaseNamespace, leases } from './leases';
import {
  GracePeriods,
  isSilent,
  NodeHealth,
  observeNode,
  silentConditions,
} from './nodeHealth';
import { planTaints } from './nodeTaints';
import { startPodCollector } from './podCollector';
import { startTaintEviction } from './taintEvictionController';

/** When nodes count as silent. In milliseconds. */
export interface NodeLifecycleSettings {
  /** How long a node may be silent. */
  readonly gracePeriod: number;
}

const monitorPeriod = 5_000;
const startupGracePeriod = 60_000;

class NodeLifecycle {
  readonly recorder: EventRecorder;
  readonly #health = new Map<string, NodeHealth>();
  readonly #podsByNode: PodsByNode;
  #pace: DrainPace = initialPace;

  constructor(
    private readonly cluster: Cluster,
    private readonly informer: Informer<Node>,
    private readonly leaseInformer: Informer<Lease>,
    private readonly grace: GracePeriods,
  ) {
    this.recorder = cluster.recorder('node-controller');
    this.#podsByNode = new PodsByNode(cluster.informers.of(pods));
  }

  forget(name: string): void {
    this.#health.delete(name);
  }

  /** Looks at the signs of life of all nodes; returns those that need a visit. */
  monitor(): readonly string[] {
    const now = this.cluster.scheduler.now();
    const all = this.informer.list();
    const before = this.#pace.allowed;
    this.#pace = nextPace(this.#pace, all, now.getTime());
    return all
      .filter(node => {
        const { name } = node.metadata;
        const drains = before.has(name) !== this.#pace.allowed.has(name);
        return this.#isSilent(node, now) || drains;
      })
      .map(({ metadata }) => metadata.name);
  }

  async reconcile(name: string): Promise<NextVisit> {
    const node = this.informer.get(name);
    if (!node || node.metadata.deletionTimestamp) return undefined;
    const now = this.cluster.scheduler.now();
    const taints = planTaints(node, this.#pace.allowed.has(name), now);
    if (taints) await this.#change(node, { spec: { taints } });
    else if (this.#isSilent(node, now)) await this.#markSilent(node, now);
    return undefined;
  }

  #isSilent(node: Node, now: Date): boolean {
    const { name } = node.metadata;
    const key = keyOf({ namespace: leaseNamespace, name });
    const health = observeNode(
      this.#health.get(name),
      node,
      this.leaseInformer.get(key),
      now.getTime(),
    );
    this.#health.set(name, health);
    return isSilent(health, node, this.grace, now.getTime());
  }

  /** What was decided on old knowledge is refused by the server, and decided again. */
  async #change(
    { metadata }: Node,
    change: object,
    options: PatchOptions = {},
  ): Promise<void> {
    const { resourceVersion } = metadata;
    const patch = { metadata: { resourceVersion }, ...change };
    await this.cluster.client.patch(nodes, metadata, patch, options);
  }

  async #markSilent(node: Node, now: Date): Promise<void> {
    const { name } = node.metadata;
    const conditions = silentConditions(node, now);
    if (conditions)
      await this.#change(
        node,
        { status: { conditions } },
        { subresource: 'status' },
      );
    if (conditionOf(node.status?.conditions, 'Ready')?.status === 'True')
      this.recorder.note(nodes, node, {
        type: 'Normal',
        reason: 'NodeNotReady',
        message: `Node ${name} status is now: NodeNotReady`,
      });
    for (const pod of this.#podsByNode.of(name))
      await this.#markPodNotReady(pod, now);
  }

  async #markPodNotReady(pod: Pod, now: Date): Promise<void> {
    if (readyCondition(pod)?.status !== 'True') return;
    const conditions = pod.status?.conditions?.map(condition =>
      condition.type === 'Ready'
        ? {
            ...condition,
            status: 'False',
            lastTransitionTime: timestamp(now),
          }
        : condition,
    );
    try {
      await this.cluster.client.patchStatus(pods, pod.metadata, { conditions });
    } catch (error) {
      // Deleted meanwhile.
      if (isStatus(error, 404)) return;
      throw error;
    }
    this.recorder.note(pods, pod, {
      type: 'Warning',
      reason: 'NodeNotReady',
      message: 'Node is not ready',
    });
  }
}

/**
 * Watches over the nodes: what has given no sign of life becomes unknown, taints
 * say what is wrong with a node, pods that do not tolerate it are driven off, and
 * those of a node that is gone are removed.
 */
export function startNodeLifecycleController(
  cluster: Cluster,
  { gracePeriod }: NodeLifecycleSettings,
): RunningController {
  const informer = cluster.informers.of(nodes);
  const lifecycle = new NodeLifecycle(
    cluster,
    informer,
    cluster.informers.of(leases),
    { monitor: gracePeriod, startup: startupGracePeriod },
  );
  const queue = new WorkQueue({
    name: 'nodelifecycle',
    scheduler: cluster.scheduler,
    log: cluster.log,
    reconcile: name => lifecycle.reconcile(name),
  });
  visitChanged(informer, queue);
  informer.onChange((node, previous) => {
    if (!node && previous) lifecycle.forget(previous.metadata.name);
  });
  const monitor = repeat(
    cluster.scheduler,
    Math.min(monitorPeriod, gracePeriod / 4),
    () => lifecycle.monitor().forEach(name => queue.add(name)),
  );
  const eviction = startTaintEviction(cluster);
  const collector = startPodCollector(cluster);
  return {
    async stop() {
      const parts = [monitor, queue, eviction, collector];
      await Promise.all(parts.map(part => part.stop()));
      await lifecycle.recorder.flush();
    },
  };
}
