// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { ProgramEnd } from '../nodes/Machines';
import { timestamp } from '../runtime/resources';
import { Container, ContainerStatus, Pod } from './workloads';

/** The annotation that makes a pod's containers crash: `crash`. */
export const faultAnnotation = 'simulator.causeway.dev/fault';

const longestCrashPause = 300_000;
const firstCrashPause = 10_000;

/** Whether a pod's containers crash soon after their start: by image tag `…-bad`, or by annotation. */
export function crashes(pod: Pod): boolean {
  const byTag = pod.spec.containers.some(({ image }) =>
    /:[^/@]*-bad(@|$)/.test(image),
  );
  return byTag || pod.metadata.annotations?.[faultAnnotation] === 'crash';
}

/** Whether a pod's containers end by themselves: those that are not to be started again. */
export function endsByItself({ spec }: Pod): boolean {
  return spec.restartPolicy === 'Never' || spec.restartPolicy === 'OnFailure';
}

/** Whether a pod's containers have ended for good. */
export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** The digest a container runtime reports for an image; the one in the reference when there is one. */
export function imageId(image: string): string {
  const [reference, digest] = image.split('@');
  const repository = reference.replace(/:[^/:]*$/, '');
  return `${repository}@${
    digest ?? `sha256:${createHash('sha256').update(image).digest('hex')}`
  }`;
}

/** How long a crashed container waits before its next start, in milliseconds. */
export function crashPause(restarts: number): number {
  return Math.min(firstCrashPause * 2 ** restarts, longestCrashPause);
}

/** How containers end whose main process was killed (SIGKILL). */
const killed = { exitCode: 137, reason: 'Error' };
const failed = { exitCode: 1, reason: 'Error' };

/** How long after a crash the next one counts as the first again, in milliseconds. */
const crashMemory = 2 * longestCrashPause;

/** How a kubelet holds a container back that has crashed before. */
export interface BackOff {
  /** How long the next crash is held back, in milliseconds. */
  readonly pause: number;
  /** When it was started again last, in milliseconds since the epoch. */
  readonly since: number;
}

/**
 * What a kubelet makes of a crash: it starts a container again at once the first time, and later and
 * later when it goes on, until it has run for ten minutes.
 *
 * @param ended - when it crashed, in milliseconds since the epoch
 * @returns how long it waits, and what it remembers of it, both in milliseconds
 */
export function holdBack(
  before: BackOff | undefined,
  ended: number,
): { readonly wait: number; readonly next: BackOff } {
  const isFirst = !before || ended - before.since > crashMemory;
  const wait = isFirst ? 0 : before.pause;
  const pause = isFirst
    ? firstCrashPause
    : Math.min(before.pause * 2, longestCrashPause);
  return { wait, next: { pause, since: ended + wait } };
}

/** The status of a pod whose containers were killed and are started again at once. */
export function killedStatus(pod: Pod, now: Date): object {
  const when = timestamp(now);
  return {
    conditions: conditions(pod, false, when),
    containerStatuses: stoppedContainers(pod, when, restartsOf(pod), killed),
  };
}

function containerId(pod: Pod, container: Container, restarts: number): string {
  return `containerd://${createHash('sha256')
    .update(`${pod.metadata.uid}/${container.name}/${restarts}`)
    .digest('hex')}`;
}

function conditions(pod: Pod, ready: boolean, when: string) {
  const waiting = ready
    ? {}
    : {
        reason: 'ContainersNotReady',
        message: `containers with unready status: [${pod.spec.containers
          .map(({ name }) => name)
          .join(' ')}]`,
      };
  const started = timestampOf(pod, when);
  const condition = (
    type: string,
    status: 'True' | 'False',
    since: string,
    why: object = {},
  ) => ({
    type,
    status,
    lastProbeTime: null,
    lastTransitionTime: since,
    ...why,
  });
  return [
    condition('PodReadyToStartContainers', 'True', started),
    condition('Initialized', 'True', started),
    condition('Ready', ready ? 'True' : 'False', when, waiting),
    condition('ContainersReady', ready ? 'True' : 'False', when, waiting),
    condition('PodScheduled', 'True', started),
  ];
}

function timestampOf(pod: Pod, fallback: string): string {
  return pod.status?.startTime ?? fallback;
}

/** The status of a pod whose containers are being created. */
export function creatingStatus(pod: Pod, hostIP: string, now: Date): object {
  const when = timestamp(now);
  return {
    phase: 'Pending',
    hostIP,
    hostIPs: [{ ip: hostIP }],
    startTime: when,
    conditions: conditions(pod, false, when),
    containerStatuses: pod.spec.containers.map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready: false,
      started: false,
      restartCount: 0,
      lastState: {},
      state: { waiting: { reason: 'ContainerCreating' } },
    })),
  };
}

/** The status of a pod whose containers run. `previous` is what a crashed container left. */
export function runningStatus(
  pod: Pod,
  podIP: string,
  now: Date,
  restarts = 0,
  ready = true,
) {
  const when = timestamp(now);
  return {
    phase: 'Running',
    podIP,
    podIPs: [{ ip: podIP }],
    conditions: conditions(pod, ready, when),
    containerStatuses: pod.spec.containers.map(
      (container, index): ContainerStatus => ({
        name: container.name,
        image: container.image.split('@')[0],
        imageID: imageId(container.image),
        containerID: containerId(pod, container, restarts),
        ready,
        started: true,
        restartCount: restarts,
        lastState: lastStateOf(pod.status?.containerStatuses?.[index]),
        state: { running: { startedAt: when } },
      }),
    ),
  };
}

/** What a container was before it is started: what has ended is the last state then. */
function lastStateOf(status: ContainerStatus | undefined): object {
  return status?.state && 'terminated' in status.state
    ? status.state
    : status?.lastState ?? {};
}

/** The status of a pod whose containers have crashed and are killed, and wait for their next start. */
export function killedAgainStatus(pod: Pod, now: Date, wait: number): object {
  return heldBackStatus(pod, now, { wait, ending: killed });
}

/** The status of a pod whose containers have crashed and wait for their next start. */
export function crashedStatus(pod: Pod, now: Date, restarts: number): object {
  return heldBackStatus(pod, now, {
    wait: crashPause(restarts),
    ending: failed,
  });
}

function heldBackStatus(
  pod: Pod,
  now: Date,
  { wait, ending }: { readonly wait: number; readonly ending: typeof failed },
): object {
  const when = timestamp(now);
  const pause = wait / 1000;
  const { namespace, name, uid } = pod.metadata;
  return {
    conditions: conditions(pod, false, when),
    containerStatuses: stoppedContainers(
      pod,
      when,
      restartsOf(pod),
      ending,
    ).map(container => ({
      ...container,
      lastState: container.state,
      state: {
        waiting: {
          reason: 'CrashLoopBackOff',
          message: `back-off ${
            pause < 60
              ? `${pause}s`
              : `${Math.floor(pause / 60)}m${pause % 60}s`
          } restarting failed container=${
            container.name
          } pod=${name}_${namespace}(${uid})`,
        },
      },
    })),
  };
}

/** The status of a pod whose containers have ended for good. */
export function endedStatus(pod: Pod, now: Date, end: ProgramEnd): object {
  const when = timestamp(now);
  const succeeded = end.exitCode === 0;
  const restarts = restartsOf(pod);
  return {
    phase: succeeded ? 'Succeeded' : 'Failed',
    conditions: conditions(pod, false, when).map(condition =>
      condition.type === 'Initialized' || condition.type === 'PodScheduled'
        ? condition
        : endedCondition(condition, succeeded),
    ),
    containerStatuses: stoppedContainers(pod, when, restarts, {
      ...end,
      reason: succeeded ? 'Completed' : 'Error',
    }),
  };
}

function endedCondition(
  condition: ReturnType<typeof conditions>[number],
  succeeded: boolean,
) {
  const { type, lastProbeTime, lastTransitionTime } = condition;
  const reason = succeeded ? 'PodCompleted' : 'PodFailed';
  const why = type === 'PodReadyToStartContainers' ? {} : { reason };
  return { type, status: 'False', lastProbeTime, lastTransitionTime, ...why };
}

/** The status of a pod whose machine has booted again: nobody saw its containers end. */
export function rebootedStatus(pod: Pod, now: Date): object {
  const when = timestamp(now);
  return {
    conditions: conditions(pod, false, when),
    containerStatuses: stoppedContainers(pod, when, restartsOf(pod), {
      exitCode: 255,
      reason: 'Unknown',
    }).map(container => ({
      ...container,
      lastState: container.state,
      state: { waiting: { reason: 'ContainerCreating' } },
    })),
  };
}

/** How often the containers of a pod have been started again. */
export function restartsOf(pod: Pod): number {
  return pod.status?.containerStatuses?.[0]?.restartCount ?? 0;
}

/** When the containers of a pod started, in milliseconds since the epoch; undefined when they do not run. */
export function startOf(pod: Pod): number | undefined {
  const [first] = pod.status?.containerStatuses ?? [];
  const when = startedAt(first, '');
  return when === '' ? undefined : Date.parse(when);
}

function stoppedContainers(
  pod: Pod,
  when: string,
  restarts: number,
  ending: ProgramEnd & { readonly reason: string },
): readonly ContainerStatus[] {
  return pod.spec.containers.map((container, index) => {
    const before = pod.status?.containerStatuses?.[index];
    const containerID = containerId(pod, container, restarts);
    const startTime = startedAt(before, when);
    return {
      name: container.name,
      image: container.image.split('@')[0],
      imageID: imageId(container.image),
      containerID,
      ready: false,
      started: false,
      restartCount: restarts,
      lastState: before?.lastState ?? {},
      state: {
        terminated: {
          ...ending,
          startedAt: startTime,
          finishedAt: when,
          containerID,
        },
      },
    };
  });
}

function startedAt(
  status: ContainerStatus | undefined,
  fallback: string,
): string {
  const state = status?.state as
    | { running?: { startedAt?: string } }
    | undefined;
  return state?.running?.startedAt ?? fallback;
}
