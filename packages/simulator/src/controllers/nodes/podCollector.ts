// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { Informer } from '../runtime/Informer';
import { isStatus } from '../runtime/KubernetesError';
import { repeat } from '../runtime/repeat';
import { conditionOf, timestamp } from '../runtime/resources';
import { hasEnded } from '../workloads/podLife';
import { Node, nodes, Pod, pods } from '../workloads/workloads';

const period = 20_000;
const quarantine = 40_000;

/** When each node that pods are bound to was first missed, in milliseconds since the epoch. */
export type MissingNodes = ReadonlyMap<string, number>;

/** The nodes that are missing now, each since when. */
export function missingNodes(
  before: MissingNodes,
  bound: readonly Pod[],
  exists: (node: string) => boolean,
  now: number,
): MissingNodes {
  const names = bound.flatMap(({ spec }) => spec.nodeName ?? []);
  return new Map(
    names
      .filter(name => !exists(name))
      .map(name => [name, before.get(name) ?? now]),
  );
}

class PodCollector {
  #missing: MissingNodes = new Map();

  constructor(
    private readonly cluster: Cluster,
    private readonly podInformer: Informer<Pod>,
    private readonly nodeInformer: Informer<Node>,
  ) {}

  async collect(): Promise<void> {
    const now = this.cluster.scheduler.now();
    const all = this.podInformer.list();
    this.#missing = missingNodes(
      this.#missing,
      all,
      name => this.nodeInformer.get(name) !== undefined,
      now.getTime(),
    );
    if (this.#missing.size === 0) return;
    for (const pod of all) {
      const since = this.#missing.get(pod.spec.nodeName ?? '') ?? Infinity;
      if (since + quarantine <= now.getTime()) await this.#remove(pod, now);
    }
  }

  async #remove(pod: Pod, now: Date): Promise<void> {
    const { client } = this.cluster;
    const { uid } = pod.metadata;
    const before = pod.status?.conditions ?? [];
    const target = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
      lastProbeTime: null,
      lastTransitionTime: timestamp(now),
    };
    try {
      if (!hasEnded(pod))
        await client.patchStatus(pods, pod.metadata, {
          phase: 'Failed',
          conditions: [
            ...before.filter(one => one !== conditionOf(before, target.type)),
            target,
          ],
        });
      await client.delete(pods, pod.metadata, { gracePeriodSeconds: 0, uid });
    } catch (error) {
      // Gone already, or to be tried again in the next round.
      if (!isStatus(error, 404))
        this.cluster.log(`pod collector ${pod.metadata.name}: ${error}`);
    }
  }
}

/** Removes the pods of nodes that no longer exist, whom no kubelet will ever end. */
export function startPodCollector(cluster: Cluster): RunningController {
  const collector = new PodCollector(
    cluster,
    cluster.informers.of(pods),
    cluster.informers.of(nodes),
  );
  return repeat(cluster.scheduler, period, () => collector.collect());
}
