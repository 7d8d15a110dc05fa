// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Cluster, RunningController } from '../runtime/Cluster';
import { Informer } from '../runtime/Informer';
import { isStatus } from '../runtime/KubernetesClient';
import { keyOf } from '../runtime/resources';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import {
  crashedStatus,
  crashes,
  crashPause,
  creatingStatus,
  runningStatus,
} from './podLife';
import { Node, nodes, Pod, pods } from './workloads';

/** Nodes with this label are played by the simulator; taking it off takes the node away. */
export const simulatedNodeLabel = 'simulator.causeway.dev/node';

/** How fast pods live. All in milliseconds. */
export interface PodTimes {
  /** From bound to running, on average. */
  readonly start: number;
  /** From the delete to gone. */
  readonly stop: number;
  /** From running to crashed, for pods that crash. */
  readonly crash: number;
}

function isSimulated(node: Node | undefined): boolean {
  return node?.metadata.labels?.[simulatedNodeLabel] !== undefined;
}

/** What is planned next for a pod, and when, in milliseconds since the epoch. */
interface NextStep {
  readonly step: 'run' | 'crash' | 'restart' | 'remove';
  readonly due: number;
}

class Kubelets {
  readonly recorder;
  readonly #steps = new Map<string, NextStep>();

  constructor(
    private readonly cluster: Cluster,
    private readonly podInformer: Informer<Pod>,
    private readonly nodeInformer: Informer<Node>,
    private readonly times: PodTimes,
  ) {
    this.recorder = cluster.recorder('kubelet');
  }

  forget(pod: Pod): void {
    this.#steps.delete(pod.metadata.uid);
  }

  async reconcile(key: string): Promise<NextVisit> {
    const pod = this.podInformer.get(key);
    if (!pod || !isSimulated(this.nodeInformer.get(pod.spec.nodeName ?? '')))
      return undefined;
    const step = this.#steps.get(pod.metadata.uid) ?? (await this.#begin(pod));
    if (!step) return undefined;
    if (pod.metadata.deletionTimestamp && step.step !== 'remove')
      return this.#plan(pod, 'remove', this.times.stop);
    if (step.due === Infinity) return undefined;
    const wait = step.due - this.#now();
    if (wait > 0) return { after: wait };
    try {
      return await this.#perform(pod, step.step);
    } catch (error) {
      // Gone while we worked on it.
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /** What to do with a pod not met before: one that runs already is left as it is. */
  async #begin(pod: Pod): Promise<NextStep | undefined> {
    if (pod.metadata.deletionTimestamp) {
      this.#plan(pod, 'remove', this.times.stop);
    } else if (
      pod.status?.containerStatuses === undefined ||
      pod.status.phase === 'Pending'
    ) {
      await this.cluster.client.patchStatus(
        pods,
        pod.metadata,
        creatingStatus(
          pod,
          this.#nodeAddress(pod),
          this.cluster.scheduler.now(),
        ),
      );
      this.#plan(pod, 'run', this.times.start * jitter(pod));
    } else if (crashes(pod) && pod.status.phase === 'Running') {
      this.#plan(pod, 'restart', crashPause(restartsOf(pod)));
    }
    return this.#steps.get(pod.metadata.uid);
  }

  async #perform(pod: Pod, step: NextStep['step']): Promise<NextVisit> {
    const { client, scheduler } = this.cluster;
    switch (step) {
      case 'run':
      case 'restart': {
        const restarts = step === 'restart' ? restartsOf(pod) + 1 : 0;
        const failing = crashes(pod);
        await client.patchStatus(
          pods,
          pod.metadata,
          runningStatus(
            pod,
            podAddress(pod),
            scheduler.now(),
            restarts,
            !failing,
          ),
        );
        this.#noteStart(pod, restarts);
        if (failing) return this.#plan(pod, 'crash', this.times.crash);
        this.#steps.set(pod.metadata.uid, { step: 'run', due: Infinity });
        return undefined;
      }
      case 'crash': {
        const restarts = restartsOf(pod);
        await client.patchStatus(
          pods,
          pod.metadata,
          crashedStatus(pod, scheduler.now(), restarts),
        );
        const [{ name }] = pod.spec.containers;
        const { name: podName, namespace, uid } = pod.metadata;
        this.recorder.note(pods, pod, {
          type: 'Warning',
          reason: 'BackOff',
          message: `Back-off restarting failed container ${name} in pod ${podName}_${namespace}(${uid})`,
        });
        return this.#plan(pod, 'restart', crashPause(restarts));
      }
      case 'remove':
        await client.delete(pods, pod.metadata, {
          gracePeriodSeconds: 0,
          uid: pod.metadata.uid,
        });
        this.#steps.set(pod.metadata.uid, { step: 'remove', due: Infinity });
        return undefined;
      default:
        throw new Error(`Unknown step ${step satisfies never}`);
    }
  }

  #noteStart(pod: Pod, restarts: number): void {
    const notes = pod.spec.containers.flatMap(({ name, image }) => [
      [
        'Pulled',
        restarts > 0
          ? `Container image "${image}" already present on machine`
          : `Successfully pulled image "${image}"`,
      ],
      ['Created', `Container created: ${name}`],
      ['Started', 'Container started'],
    ]);
    for (const [reason, message] of notes)
      this.recorder.note(pods, pod, { type: 'Normal', reason, message });
  }

  #plan(pod: Pod, step: NextStep['step'], after: number): NextVisit {
    this.#steps.set(pod.metadata.uid, { step, due: this.#now() + after });
    return { after };
  }

  #now(): number {
    return this.cluster.scheduler.now().getTime();
  }

  #nodeAddress(pod: Pod): string {
    const node = this.nodeInformer.get(pod.spec.nodeName ?? '') as
      | (Node & {
          status?: { addresses?: readonly { type: string; address: string }[] };
        })
      | undefined;
    return (
      node?.status?.addresses?.find(({ type }) => type === 'InternalIP')
        ?.address ?? '10.0.0.1'
    );
  }
}

function restartsOf(pod: Pod): number {
  return pod.status?.containerStatuses?.[0]?.restartCount ?? 0;
}

/** 0.75 to 1.25 by the pod's name, so that the same pod always takes the same time. */
function jitter(pod: Pod): number {
  return (
    0.75 +
    (createHash('sha256').update(pod.metadata.uid).digest()[0] / 255) * 0.5
  );
}

function podAddress(pod: Pod): string {
  const [a, b] = createHash('sha256').update(pod.metadata.uid).digest();
  return `10.42.${a}.${1 + (b % 254)}`;
}

/** Plays the kubelets of all simulated nodes: starts, crashes and ends pods. */
export function startKubelets(
  cluster: Cluster,
  times: PodTimes,
): RunningController {
  const podInformer = cluster.informers.of(pods);
  const nodeInformer = cluster.informers.of(nodes);
  const kubelets = new Kubelets(cluster, podInformer, nodeInformer, times);
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
  nodeInformer.onChange((node, previous) => {
    if (isSimulated(node) === isSimulated(previous)) return;
    for (const pod of podInformer.list()) {
      if (pod.spec.nodeName === node?.metadata.name)
        queue.add(keyOf(pod.metadata));
    }
  });
  return {
    async stop() {
      await queue.stop();
      await kubelets.recorder.flush();
    },
  };
}
