// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import {
  usualDrillPatience,
  type DrillDevice,
  type DrillFault,
  type Instant,
  type Milliseconds,
} from '@causeway/plugin-delivery-common';
import { listIn, numberIn, recordIn, textIn } from '../../clusters/fields';
import { jobCondition } from '../../clusters/jobs';
import type { FaultOrder } from '../DrillExecutor';
import type { FaultJobConfig } from './readDrillConfig';

/** What a Job does on its device: it begins the fault, or sees to it that nothing of it holds. */
export type FaultStep = 'begin' | 'end';

/** What a Job has come to, from the Job and its pods. */
export type FaultJobState =
  | { readonly kind: 'complete'; readonly at: Instant; readonly said: string }
  | { readonly kind: 'failed' | 'waiting'; readonly said: string };

/** Kept so long, so that what was begun is known for longer than any drill lasts. */
const keptSeconds = 7 * 86_400;
/** Whoever ends a fault tries until it has worked. */
const endAttempts = 1_000;
/** The program takes no longer to begin a fault, or to give it up, and its second timer. */
const scriptSeconds = 90;
const result = '/dev/termination-log';

/** Name of the Job: the same after any crash. */
export function faultJobName(
  drill: string,
  { name }: Pick<DrillDevice, 'name'>,
  step: FaultStep,
): string {
  if (!/^[a-z0-9-]{1,40}$/.test(drill)) {
    throw new TypeError(`${drill} can not name a Job`);
  }
  const device = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `drill-${drill}-${device}-${step}`;
}

/** Faults with which the device goes, so that it says before what it will do. */
export function isAnnounced(fault: DrillFault): boolean {
  return isOfNetwork(fault) || fault === 'suddenReboot';
}

function isOfNetwork(fault: DrillFault): boolean {
  return fault === 'networkOff' || fault === 'networkFlapping';
}

/** Seconds for which the device itself holds a fault. Of the network it is the whole time, since nobody else can end it. */
export function holdSeconds(
  { fault, duration }: Pick<FaultOrder, 'fault' | 'duration'>,
  { grace }: Pick<FaultJobConfig, 'grace'>,
): number {
  return Math.ceil(duration / 1_000) + (isOfNetwork(fault) ? 0 : grace);
}

/**
 * When nothing of a fault can hold any more, by the timers of its devices and whatever has become of those
 * who were to end it, in milliseconds since the epoch.
 */
export function latestEnd(
  order: FaultOrder,
  config: FaultJobConfig,
): Milliseconds {
  const { start, lead } = config;
  const seconds = start + scriptSeconds + lead + holdSeconds(order, config);
  return (
    Date.parse(order.requestedAt) + usualDrillPatience.begin + seconds * 1_000
  );
}

/**
 * The Job of one step on one device.
 * @param about.containers - ids of the containers that a fault is about
 * @param about.bootId - of the boot that the device has now: no other one is ended
 */
export function faultJob(
  step: FaultStep,
  order: FaultOrder,
  device: DrillDevice,
  config: FaultJobConfig,
  about: {
    readonly containers?: readonly string[];
    readonly bootId?: string;
  } = {},
): object {
  const { containers = [], bootId = '' } = about;
  const labels = {
    'app.kubernetes.io/managed-by': 'causeway',
    'causeway.dev/drill': order.drill,
  };
  const env = {
    DRILL: order.drill,
    FAULT: order.fault,
    HOLD: String(holdSeconds(order, config)),
    LEAD: String(config.lead),
    CONTAINERS: containers.join(' '),
    BOOT: bootId,
    RESULT: result,
    PROGRAM: faultProgram(),
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: faultJobName(order.drill, device, step),
      namespace: config.namespace,
      labels,
      annotations: { 'causeway.dev/device': device.name },
    },
    spec: {
      ...(step === 'begin'
        ? { backoffLimit: 0, activeDeadlineSeconds: config.start }
        : { backoffLimit: endAttempts }),
      ttlSecondsAfterFinished: keptSeconds,
      template: {
        metadata: { labels },
        spec: {
          // Past the scheduler: it must run just there, on a device in trouble too.
          nodeName: device.name,
          tolerations: [{ operator: 'Exists' }],
          // A kubelet whose storage is full takes no other pods.
          priorityClassName: 'system-node-critical',
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          hostPID: true,
          hostNetwork: true,
          containers: [
            {
              name: 'fault',
              image: config.image,
              command: ['sh', '-c', 'eval "$PROGRAM"', 'fault', step],
              env: Object.entries(env).map(([name, value]) => ({
                name,
                value,
              })),
              securityContext: { privileged: true },
              terminationMessagePath: result,
              terminationMessagePolicy: 'FallbackToLogsOnError',
            },
          ],
        },
      },
    },
  };
}

/** The program that runs on devices. */
export function faultProgram(): string {
  const file = resolvePackagePath(
    '@causeway/plugin-delivery-backend',
    'src/drills/devices/fault.sh',
  );
  return readFileSync(file, 'utf8');
}

/** What a Job and its pods tell. */
export function faultJobState(
  job: unknown,
  pods: readonly unknown[],
): FaultJobState {
  const status = recordIn(job, 'status');
  const said = lastWords(pods);
  const complete = jobCondition(job, 'Complete');
  if (complete) {
    const at =
      textIn(status, 'completionTime') ??
      textIn(complete, 'lastTransitionTime') ??
      '';
    return {
      kind: 'complete',
      at: new Date(at).toISOString(),
      said: said ?? '',
    };
  }
  const failed = jobCondition(job, 'Failed');
  if (failed) {
    const why =
      textIn(failed, 'reason') === 'DeadlineExceeded'
        ? 'the device did not take it up in time'
        : textIn(failed, 'message');
    return { kind: 'failed', said: said ?? why ?? 'no reason given' };
  }
  return { kind: 'waiting', said: said ?? waitingFor(pods) };
}

/** When a fault ended by itself, from what its device has said at the end. */
export function endedAt({
  at,
  said,
}: Extract<FaultJobState, { readonly kind: 'complete' }>): Instant {
  const [, seconds = '0'] = /ended (\d{1,7}) s ago/.exec(said) ?? [];
  return new Date(Date.parse(at) - Number(seconds) * 1_000).toISOString();
}

/** What the container of a pod has said at its end, or why it does not start. */
function lastWords(pods: readonly unknown[]): string | undefined {
  const states = pods.flatMap(pod =>
    listIn(recordIn(pod, 'status'), 'containerStatuses').map(each =>
      recordIn(each, 'state'),
    ),
  );
  for (const state of states) {
    const ended = recordIn(state, 'terminated');
    const words = textIn(ended, 'message')?.trim();
    if (words) return words.slice(0, 500);
    const code = numberIn(ended, 'exitCode') ?? 0;
    if (code !== 0) return `it ended with code ${code}`;
  }
  const waits = states.map(state => recordIn(state, 'waiting'));
  for (const waiting of waits) {
    const reason = textIn(waiting, 'reason');
    const message = textIn(waiting, 'message');
    if (message) return `${reason}: ${message}`.slice(0, 500);
  }
  return undefined;
}

function waitingFor(pods: readonly unknown[]): string {
  if (pods.length === 0) {
    return 'it has no pod yet; its namespace must allow privileged ones';
  }
  const isTaken = pods.some(
    pod =>
      listIn(recordIn(pod, 'status'), 'containerStatuses').length > 0 ||
      textIn(recordIn(pod, 'status'), 'startTime') !== undefined,
  );
  return isTaken ? 'it runs' : 'the device has not taken it up yet';
}
