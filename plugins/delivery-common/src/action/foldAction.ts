// SPDX-License-Identifier: Apache-2.0
import type { ActionEvent, ActionPhase, DeviceAction } from './deviceAction';

/** What may happen in which phase; nothing in an end. */
const possible: Readonly<
  Partial<Record<ActionPhase, readonly ActionEvent['type'][]>>
> = {
  awaitingApproval: ['approved', 'rejected', 'cancelled', 'expired'],
  queued: ['started', 'cancelled', 'expired', 'failed'],
  running: ['progressed', 'attemptFailed', 'cancelled', 'succeeded', 'failed'],
};

/** Whether an event may happen to an action as it is now. */
export function canHappen(
  action: DeviceAction | undefined,
  type: ActionEvent['type'],
): boolean {
  if (!action) return type === 'requested';
  return possible[action.phase]?.includes(type) ?? false;
}

/**
 * An action after one more event.
 * @throws TypeError for an event that can not happen then: the log is damaged, or somebody decided
 * on an old state and must look again
 */
export function evolveAction(
  action: DeviceAction | undefined,
  event: ActionEvent,
): DeviceAction {
  if (!canHappen(action, event.type)) {
    throw new TypeError(
      `An action that is ${action?.phase ?? 'not there'} can not be ${
        event.type
      }`,
    );
  }
  return action ? next(action, event) : begin(event);
}

/** An action from its events, oldest first. Undefined without any. */
export function foldAction(
  events: readonly ActionEvent[],
): DeviceAction | undefined {
  return events.reduce<DeviceAction | undefined>(evolveAction, undefined);
}

function begin(event: ActionEvent): DeviceAction {
  if (event.type !== 'requested') throw new TypeError('It was not asked for');
  const { order, approval, refusal, at, actor } = event;
  const asked = {
    ...order,
    requestedBy: actor,
    requestedAt: at,
    attempt: 0,
    ...(approval !== undefined && { approval: { why: approval } }),
  };
  if (refusal) {
    return { ...asked, phase: 'refused', refusal, endedAt: at };
  }
  return {
    ...asked,
    phase: approval === undefined ? 'queued' : 'awaitingApproval',
  };
}

function next(action: DeviceAction, event: ActionEvent): DeviceAction {
  const { at, actor } = event;
  switch (event.type) {
    case 'requested':
      return action;
    case 'approved':
      return {
        ...action,
        phase: 'queued',
        approval: { why: action.approval?.why ?? '', by: actor, at },
      };
    case 'rejected':
      return {
        ...action,
        phase: 'refused',
        refusal: { code: 'rejected', message: event.reason },
        endedAt: at,
        endedBy: actor,
      };
    case 'cancelled':
      return {
        ...action,
        phase: 'cancelled',
        receipt: { message: cancelled(action, event.reason), evidence: [] },
        endedAt: at,
        endedBy: actor,
      };
    case 'started':
      return {
        ...withoutProgress(action),
        phase: 'running',
        attempt: action.attempt + 1,
        startedAt: at,
        memory: event.memory,
      };
    case 'progressed':
      return { ...action, progress: event.progress };
    case 'attemptFailed':
      return {
        ...action,
        phase: 'queued',
        retryAt: event.retryAt,
        progress: { message: event.message },
      };
    case 'succeeded':
    case 'failed':
      return {
        ...action,
        phase: event.type,
        receipt: event.receipt,
        endedAt: at,
      };
    case 'expired':
      return {
        ...action,
        phase: 'expired',
        receipt: { message: event.message, evidence: [] },
        endedAt: at,
      };
    default:
      return unheardOf(event);
  }
}

function cancelled(action: DeviceAction, reason: string): string {
  if (action.phase !== 'running') return reason;
  const { progress } = action;
  return progress
    ? `${reason} It had begun: ${progress.message}`
    : `${reason} It had begun.`;
}

function withoutProgress(action: DeviceAction): DeviceAction {
  const { progress: _progress, retryAt: _retryAt, ...rest } = action;
  return rest;
}

function unheardOf(event: never): never {
  throw new TypeError(`Unknown event ${JSON.stringify(event)}`);
}
