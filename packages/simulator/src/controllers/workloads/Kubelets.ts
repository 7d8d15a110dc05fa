// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { heldStatus, isHeld } from '../kubeedge/heldPods';
import { Machines } from '../nodes/Machines';
import { Cluster } from '../runtime/Cluster';
import { Informer } from '../runtime/Informer';
import { isStatus } from '../runtime/KubernetesError';
import { NextVisit } from '../runtime/WorkQueue';
import { pullEvents, pullPause, unpulledStatus } from './imagePulls';
import { ImageStore } from './ImageStore';
import { workloadOf } from './owned';
import {
  BackOff,
  crashedStatus,
  crashes,
  crashPause,
  creatingStatus,
  endedStatus,
  endsByItself,
  hasEnded,
  holdBack,
  killedAgainStatus,
  killedStatus,
  rebootedStatus,
  restartsOf,
  runningStatus,
  startOf,
} from './podLife';
import { isSimulated } from './simulatedNodes';
import { Node, Pod, pods, readyCondition } from './workloads';

/** How fast pods live. All in milliseconds. */
export interface PodTimes {
  /** From bound to running, on average, without pulling images. */
  readonly start: number;
  /** From the delete to gone. */
  readonly stop: number;
  /** From running to crashed, for pods that crash. */
  readonly crash: number;
  /** From running to completed, for pods that end by themselves. */
  readonly complete: number;
}

/** What a kubelet does next with a pod; `rest` is nothing until something happens. */
type Step =
  | 'create'
  | 'run'
  | 'crash'
  | 'kill'
  | 'restart'
  | 'reboot'
  | 'rejoin'
  | 'complete'
  | 'remove'
  | 'rest';

/** What is planned next for a pod, and when, in milliseconds since the epoch. */
interface Plan {
  readonly step: Step;
  readonly due: number;
}

/** Plays the kubelets of all simulated nodes. */
export class Kubelets {
  readonly recorder;
  readonly #plans = new Map<string, Plan>();
  /** When the containers of pods were started, in milliseconds since the epoch. */
  readonly #started = new Map<string, number>();
  /** How containers are held back that were killed. */
  readonly #backOffs = new Map<string, BackOff>();
  readonly #images = new ImageStore();
  /** How often the images of pods could not be pulled. */
  readonly #pullFailures = new Map<string, number>();

  constructor(
    private readonly cluster: Cluster,
    private readonly podInformer: Informer<Pod>,
    private readonly nodeInformer: Informer<Node>,
    private readonly times: PodTimes,
    private readonly machines: Machines,
  ) {
    this.recorder = cluster.recorder('kubelet');
  }

  forget({ metadata: { uid } }: Pod): void {
    this.#plans.delete(uid);
    this.#started.delete(uid);
    this.#pullFailures.delete(uid);
    this.#backOffs.delete(uid);
  }

  async reconcile(key: string): Promise<NextVisit> {
    const pod = this.podInformer.get(key);
    const node = pod?.spec.nodeName ?? '';
    // What cannot be reached is left as it is; its machine's return brings us back here.
    if (!pod || !isSimulated(this.nodeInformer.get(node))) return undefined;
    if (!this.machines.isConnected(node)) return undefined;
    const { step, due } = this.#next(pod);
    if (due === Infinity) return undefined;
    const wait = due - this.#now();
    if (wait > 0) return { after: wait };
    try {
      return await this.#perform(pod, step);
    } catch (error) {
      // Gone while we worked on it.
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /** What is planned, unless something has happened that comes before it. */
  #next(pod: Pod): Plan {
    const { uid, deletionTimestamp } = pod.metadata;
    const planned = this.#plans.get(uid);
    if (deletionTimestamp)
      return planned?.step === 'remove' || this.#isRemoved(pod)
        ? planned ?? this.#rest(pod)
        : this.#plan(pod, 'remove', this.times.stop);
    if (hasEnded(pod)) return this.#rest(pod);
    const plan = planned ?? this.#meet(pod);
    if (this.#isOfEarlierBoot(pod)) return this.#plan(pod, 'reboot', 0);
    if (this.#isKilled(pod)) return this.#plan(pod, 'kill', 0);
    if (plan.step !== 'rest' || !this.#isDoubted(pod)) return plan;
    return this.#plan(pod, 'rejoin', 0);
  }

  /** A pod not met before: one that runs already is left as it is. */
  #meet(pod: Pod): Plan {
    const { phase, containerStatuses } = pod.status ?? {};
    if (!containerStatuses || phase === 'Pending')
      return this.#plan(pod, 'create', 0);
    this.#images.keep(pod);
    this.#started.set(pod.metadata.uid, startOf(pod) ?? this.#now());
    if (crashes(pod))
      return this.#plan(pod, 'restart', crashPause(restartsOf(pod)));
    if (endsByItself(pod))
      return this.#plan(pod, 'complete', this.times.complete);
    return this.#rest(pod);
  }

  /** Somebody has killed what ran in its containers, and nobody has started it again yet. */
  #isKilled(pod: Pod): boolean {
    const { metadata, spec } = pod;
    const started = this.#started.get(metadata.uid);
    const killed = this.machines.killedAt(spec.nodeName ?? '', {
      namespace: metadata.namespace ?? '',
      workload: workloadOf(pod),
    });
    return started !== undefined && killed !== undefined && started <= killed;
  }

  #isHeld(pod: Pod): boolean {
    return isHeld(pod, this.nodeInformer.get(pod.spec.nodeName ?? ''));
  }

  #isRemoved({ metadata }: Pod): boolean {
    return metadata.deletionGracePeriodSeconds === 0;
  }

  #isOfEarlierBoot({ metadata, spec }: Pod): boolean {
    const started = this.#started.get(metadata.uid);
    const booted = this.machines.bootedAt(spec.nodeName ?? '').getTime();
    return started !== undefined && started < booted;
  }

  /** While a node was silent, the cluster took its pods for not ready. */
  #isDoubted(pod: Pod): boolean {
    return !crashes(pod) && readyCondition(pod)?.status !== 'True';
  }

  async #perform(pod: Pod, step: Step): Promise<NextVisit> {
    const { client } = this.cluster;
    const now = this.#localTime(pod);
    const write = (status: object) =>
      client.patchStatus(pods, pod.metadata, status);
    switch (step) {
      case 'create':
        if (this.#isHeld(pod)) {
          const held = heldStatus(pod, now);
          if (held) await write(held);
          return undefined;
        }
        await write(creatingStatus(pod, this.#nodeAddress(pod), now));
        return this.#visit(pod, 'run', this.#startDuration(pod));
      case 'run':
      case 'restart':
        return this.#run(pod, step === 'restart' ? restartsOf(pod) + 1 : 0);
      case 'reboot':
        await write(rebootedStatus(pod, now));
        this.#started.delete(pod.metadata.uid);
        return this.#visit(pod, 'restart', this.times.start * jitter(pod));
      case 'rejoin':
        await write(runningAgain(pod, now));
        this.#rest(pod);
        return undefined;
      case 'crash':
        return this.#crash(pod);
      case 'kill':
        return this.#kill(pod);
      case 'complete': {
        const node = pod.spec.nodeName ?? '';
        const images = pod.spec.containers.map(({ image }) => image);
        const end = this.machines.endOf?.(node, images) ?? { exitCode: 0 };
        await write(endedStatus(pod, now, end));
        this.#rest(pod);
        this.machines.ran?.(node, images);
        return undefined;
      }
      case 'remove': {
        const { uid } = pod.metadata;
        await client.delete(pods, pod.metadata, { gracePeriodSeconds: 0, uid });
        this.#rest(pod);
        return undefined;
      }
      case 'rest':
        return undefined;
      default:
        throw new Error(`Unknown step ${step satisfies never}`);
    }
  }

  async #run(pod: Pod, restarts: number): Promise<NextVisit> {
    const unpulled = this.#unpullable(pod);
    if (unpulled.length > 0) return this.#failPull(pod, unpulled);
    const failing = crashes(pod);
    await this.cluster.client.patchStatus(
      pods,
      pod.metadata,
      runningStatus(
        pod,
        podAddress(pod),
        this.#localTime(pod),
        restarts,
        !failing,
      ),
    );
    this.#noteStart(pod, restarts);
    this.#images.keep(pod);
    this.#started.set(pod.metadata.uid, this.#now());
    if (failing) return this.#visit(pod, 'crash', this.times.crash);
    if (endsByItself(pod))
      return this.#visit(pod, 'complete', this.times.complete);
    this.#rest(pod);
    return undefined;
  }

  #unpullable(pod: Pod): readonly string[] {
    const node = pod.spec.nodeName ?? '';
    return this.#images
      .missing(pod)
      .filter(image => this.machines.canPull?.(node, image) === false);
  }

  async #failPull(pod: Pod, images: readonly string[]): Promise<NextVisit> {
    const { uid } = pod.metadata;
    const failures = (this.#pullFailures.get(uid) ?? 0) + 1;
    this.#pullFailures.set(uid, failures);
    const status = unpulledStatus(pod, images);
    await this.cluster.client.patchStatus(pods, pod.metadata, status);
    for (const event of pullEvents(images))
      this.recorder.note(pods, pod, event);
    return this.#visit(pod, 'run', pullPause(failures));
  }

  async #crash(pod: Pod): Promise<NextVisit> {
    const { client } = this.cluster;
    const now = this.#localTime(pod);
    if (pod.spec.restartPolicy === 'Never') {
      await client.patchStatus(
        pods,
        pod.metadata,
        endedStatus(pod, now, { exitCode: 1 }),
      );
      this.#rest(pod);
      return undefined;
    }
    const restarts = restartsOf(pod);
    await client.patchStatus(
      pods,
      pod.metadata,
      crashedStatus(pod, now, restarts),
    );
    this.#noteBackOff(pod);
    return this.#visit(pod, 'restart', crashPause(restarts));
  }

  /** Processes were killed, which a kubelet takes for a crash like any other. */
  async #kill(pod: Pod): Promise<NextVisit> {
    if (endsByItself(pod)) return this.#crash(pod);
    const { uid } = pod.metadata;
    const { wait, next } = holdBack(this.#backOffs.get(uid), this.#now());
    const now = this.#localTime(pod);
    await this.cluster.client.patchStatus(
      pods,
      pod.metadata,
      wait > 0 ? killedAgainStatus(pod, now, wait) : killedStatus(pod, now),
    );
    this.#backOffs.set(uid, next);
    this.#started.delete(uid);
    if (wait > 0) this.#noteBackOff(pod);
    return this.#visit(pod, 'restart', wait + this.times.start * jitter(pod));
  }

  #noteBackOff(pod: Pod): void {
    const [{ name }] = pod.spec.containers;
    const { name: podName, namespace, uid } = pod.metadata;
    this.recorder.note(pods, pod, {
      type: 'Warning',
      reason: 'BackOff',
      message: `Back-off restarting failed container ${name} in pod ${podName}_${namespace}(${uid})`,
    });
  }

  #noteStart(pod: Pod, restarts: number): void {
    const missing = this.#images.missing(pod);
    const notes = pod.spec.containers.flatMap(({ name, image }) => [
      [
        'Pulled',
        restarts > 0 || !missing.includes(image)
          ? `Container image "${image}" already present on machine`
          : `Successfully pulled image "${image}"`,
      ],
      ['Created', `Container created: ${name}`],
      ['Started', 'Container started'],
    ]);
    for (const [reason, message] of notes)
      this.recorder.note(pods, pod, { type: 'Normal', reason, message });
  }

  #startDuration(pod: Pod): number {
    const node = pod.spec.nodeName ?? '';
    return this.#images
      .missing(pod)
      .reduce(
        (sum, image) => sum + this.machines.pullDuration(node, image),
        this.times.start * jitter(pod),
      );
  }

  #visit(pod: Pod, step: Step, after: number): NextVisit {
    this.#plan(pod, step, after);
    return { after };
  }

  #plan(pod: Pod, step: Step, after: number): Plan {
    const plan = { step, due: this.#now() + after };
    this.#plans.set(pod.metadata.uid, plan);
    return plan;
  }

  #rest(pod: Pod): Plan {
    return this.#plan(pod, 'rest', Infinity);
  }

  #now(): number {
    return this.cluster.scheduler.now().getTime();
  }

  /** Now by the clock of the pod's machine. */
  #localTime({ spec }: Pod): Date {
    const skew = this.machines.clockSkew(spec.nodeName ?? '');
    return new Date(this.#now() + skew);
  }

  #nodeAddress(pod: Pod): string {
    const node = this.nodeInformer.get(pod.spec.nodeName ?? '');
    const addresses = node?.status?.addresses ?? [];
    return (
      addresses.find(({ type }) => type === 'InternalIP')?.address ?? '10.0.0.1'
    );
  }
}

/** The conditions of a pod that runs as before, after its node was silent. */
function runningAgain(pod: Pod, now: Date): object {
  const { conditions } = runningStatus(pod, podAddress(pod), now);
  return { conditions };
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
