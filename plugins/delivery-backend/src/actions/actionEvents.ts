// SPDX-License-Identifier: Apache-2.0
import type { ActionEvent } from '@causeway/plugin-delivery-common';
import type { NewEvent, RecordedEvent } from '../audit/EventLog';

/** Every type of event that an action's stream may hold; a new one does not compile without it. */
const types: Record<ActionEvent['type'], true> = {
  requested: true,
  approved: true,
  rejected: true,
  cancelled: true,
  started: true,
  progressed: true,
  attemptFailed: true,
  succeeded: true,
  failed: true,
  expired: true,
};

/** The stream of an action in the event log. */
export function streamOf(action: string): string {
  return `action/${action}`;
}

/** An action's event as the log takes it. */
export function toNewEvent(event: ActionEvent): NewEvent {
  const { type, at, actor, ...data } = event;
  return { type, at, actor, data };
}

/** @throws Error for an event that this version does not know, for example after a downgrade. */
export function parseActionEvent(recorded: RecordedEvent): ActionEvent {
  const { type, at, actor, data } = recorded;
  const event = { ...data, type, at, actor };
  if (isActionEvent(event)) return event;
  throw new Error(
    `Event ${recorded.version} of ${recorded.stream} has the unknown type ${type}`,
  );
}

/** The log holds only what `toNewEvent` wrote, and its hash proves that; the type alone may be unknown. */
function isActionEvent(event: { readonly type: string }): event is ActionEvent {
  return Object.hasOwn(types, event.type);
}
