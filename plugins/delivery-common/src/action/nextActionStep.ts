// SPDX-License-Identifier: Apache-2.0
import { later, type Instant, type Milliseconds } from '../time';
import type { ActionDevice, ActionKind, ActionRefusal } from './actionKind';
import { isEnded, type DeviceAction, type ActionEvent } from './deviceAction';

/** Another action of the same device that is not over. */
export interface OtherAction {
  readonly id: string;
  readonly phase: 'queued' | 'running';
  /** Whether it was asked for before the one that is decided about. */
  readonly older: boolean;
  /** Whether it can only go on when the device is there. */
  readonly needsDevice: boolean;
}

/** What is known when an action is decided about. */
export interface ActionSituation {
  readonly now: Instant;
  /** Undefined when the portal does not bring this kind any more. */
  readonly kind: ActionKind | undefined;
  /** Undefined while nobody knows such a device. */
  readonly device: ActionDevice | undefined;
  readonly others: readonly OtherAction[];
}

/** What to do with an action now. */
export type ActionStep =
  | { readonly kind: 'finished' }
  | {
      readonly kind: 'record';
      /** Who decides is the portal itself; when is now. */
      readonly event: WithoutAuthor<ActionEvent>;
    }
  | {
      readonly kind: 'wait';
      readonly why: ActionRefusal;
      /** When it changes at the latest. */
      readonly until: Instant;
    }
  /** Begin an attempt, if a place at the site is free. */
  | { readonly kind: 'start' }
  /** Go on with the attempt. */
  | { readonly kind: 'advance' };

type WithoutAuthor<Event> = Event extends unknown
  ? Omit<Event, 'at' | 'actor'>
  : never;

/** Pause after the first failed attempt; it doubles with each. */
const firstPause: Milliseconds = 30_000;
const longestPause: Milliseconds = 10 * 60_000;

/** How long to wait before the next attempt, after so many have failed. */
export function pauseAfter(attempts: number): Milliseconds {
  return Math.min(firstPause * 2 ** Math.max(0, attempts - 1), longestPause);
}

/**
 * Decides what happens to an action now: one step, from the action and what is known. Unknown holds
 * an action and never moves it on. In this order: what people decided, time, what is in the way.
 */
export function nextActionStep(
  action: DeviceAction,
  situation: ActionSituation,
): ActionStep {
  if (isEnded(action)) return { kind: 'finished' };
  if (action.phase === 'running') return goOn(action, situation);
  return (
    expiry(action, situation.now) ??
    approval(action) ??
    obstacle(action, situation) ?? { kind: 'start' }
  );
}

/** What becomes of an action whose attempt did not work. */
export function afterAttempt(
  action: DeviceAction,
  kind: Pick<ActionKind, 'attempts'> | undefined,
  message: string,
  now: Instant,
): WithoutAuthor<ActionEvent> {
  const retryAt = later(now, pauseAfter(action.attempt));
  return action.attempt < (kind?.attempts ?? 0) && retryAt < action.expiresAt
    ? { type: 'attemptFailed', message, retryAt }
    : { type: 'failed', receipt: { message, evidence: [] } };
}

function goOn(
  action: DeviceAction,
  { now, kind }: ActionSituation,
): ActionStep {
  if (!kind) {
    return record({
      type: 'failed',
      receipt: { message: gone(action).message, evidence: [] },
    });
  }
  const end = later(action.startedAt ?? now, kind.timeout);
  if (now < end) return { kind: 'advance' };
  const so = action.progress ? ` ${action.progress.message}` : '';
  return record(
    afterAttempt(action, kind, `It was not done in time.${so}`, now),
  );
}

function expiry(action: DeviceAction, now: Instant): ActionStep | undefined {
  if (now < action.expiresAt) return undefined;
  const message =
    action.phase === 'awaitingApproval'
      ? 'Nobody approved it in time.'
      : 'It could not begin in time. Nothing was done.';
  return record({ type: 'expired', message });
}

function approval(action: DeviceAction): ActionStep | undefined {
  if (action.phase !== 'awaitingApproval') return undefined;
  return wait(action, {
    code: 'awaitingApproval',
    message: action.approval?.why ?? 'It waits for approval.',
  });
}

function obstacle(
  action: DeviceAction,
  { now, kind, device, others }: ActionSituation,
): ActionStep | undefined {
  if (!kind) {
    return record({
      type: 'failed',
      receipt: { message: gone(action).message, evidence: [] },
    });
  }
  const why =
    unreachable(kind, device) ?? inTheWay(kind, device, others) ?? undefined;
  if (why) return wait(action, why);
  if (action.retryAt !== undefined && now < action.retryAt) {
    return wait(
      { ...action, expiresAt: earlier(action.retryAt, action.expiresAt) },
      {
        code: 'retrying',
        message: `It is tried again. ${action.progress?.message ?? ''}`.trim(),
      },
    );
  }
  return undefined;
}

/** Why nothing can be done to a device now; the same for a plan and for the queue. */
export function unreachable(
  kind: Pick<ActionKind, 'away'>,
  device: ActionDevice | undefined,
): ActionRefusal | undefined {
  if (!device) {
    return {
      code: 'deviceUnknown',
      message: 'No cluster that is heard from has this device now.',
    };
  }
  if (!device.clusterLive) {
    return {
      code: 'clusterAway',
      message: `The cluster ${device.cluster} can not be reached.`,
    };
  }
  if (kind.away === 'works' || device.connectivity === 'live') {
    return undefined;
  }
  return {
    code: 'deviceAway',
    message: 'The device is away; it waits for its return.',
  };
}

/**
 * One action at a time on a device, in the order in which they were asked for. What needs the API
 * server alone does not wait for what waits for the device: a quarantine overtakes a reboot that is
 * queued for an absent device.
 */
function inTheWay(
  kind: ActionKind,
  device: ActionDevice | undefined,
  others: readonly OtherAction[],
): ActionRefusal | undefined {
  if (others.some(({ phase }) => phase === 'running')) {
    return {
      code: 'deviceBusy',
      message: 'Another action on this device is under way.',
    };
  }
  const isAway = device?.connectivity !== 'live';
  const before = others.some(
    ({ older, needsDevice }) =>
      older && !(isAway && needsDevice && kind.away === 'works'),
  );
  return before
    ? {
        code: 'notItsTurn',
        message:
          'An action on this device that was asked for before comes first.',
      }
    : undefined;
}

function gone({ kind }: DeviceAction): ActionRefusal {
  return {
    code: 'unknownKind',
    message: `This portal can not do “${kind}” any more.`,
  };
}

function wait(
  { expiresAt }: Pick<DeviceAction, 'expiresAt'>,
  why: ActionRefusal,
): ActionStep {
  return { kind: 'wait', why, until: expiresAt };
}

function record(event: WithoutAuthor<ActionEvent>): ActionStep {
  return { kind: 'record', event };
}

function earlier(one: Instant, other: Instant): Instant {
  return one < other ? one : other;
}
