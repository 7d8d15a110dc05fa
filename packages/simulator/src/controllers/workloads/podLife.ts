// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
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
): object {
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
        lastState: pod.status?.containerStatuses?.[index]?.lastState ?? {},
        state: { running: { startedAt: when } },
      }),
    ),
  };
}

/** The status of a pod whose containers have crashed and wait for their next start. */
export function crashedStatus(pod: Pod, now: Date, restarts: number): object {
  const when = timestamp(now);
  const pause = crashPause(restarts) / 1000;
  return {
    conditions: conditions(pod, false, when),
    containerStatuses: pod.spec.containers.map(
      (container, index): ContainerStatus => {
        const { namespace, name, uid } = pod.metadata;
        const before = pod.status?.containerStatuses?.[index];
        const ended = {
          exitCode: 1,
          reason: 'Error',
          startedAt: startedAt(before, when),
          finishedAt: when,
          containerID: containerId(pod, container, restarts),
        };
        return {
          name: container.name,
          image: container.image.split('@')[0],
          imageID: imageId(container.image),
          containerID: ended.containerID,
          ready: false,
          started: false,
          restartCount: restarts,
          lastState: { terminated: ended },
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
        };
      },
    ),
  };
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
