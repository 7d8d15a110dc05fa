// SPDX-License-Identifier: Apache-2.0
import type {
  PromotionEvent,
  PromotionEventType,
} from '@causeway/plugin-delivery-common';
import type { NewEvent, RecordedEvent } from '../audit/EventLog';

/** Every type of event that a promotion's stream may hold; a new one does not compile without it. */
const types: Record<PromotionEventType, true> = {
  requested: true,
  approved: true,
  rejected: true,
  reconfigured: true,
  gatesPassed: true,
  gateClosed: true,
  cancelRequested: true,
  cancelled: true,
  superseded: true,
  committed: true,
  reconcileRequested: true,
  targetApplied: true,
  targetBlocked: true,
  targetUnblocked: true,
  canaryMoved: true,
  canaryBound: true,
  canaryJudged: true,
  canaryOrdered: true,
  canarySteered: true,
  coloursChosen: true,
  switchBegun: true,
  coloursSwitched: true,
  colourServing: true,
  switchBackBegun: true,
  coloursSwitchedBack: true,
  colourRetired: true,
  analysisRestored: true,
  succeeded: true,
  failed: true,
};

/** The stream of a promotion in the event log. */
export function streamOf(promotion: string): string {
  return `promotion/${promotion}`;
}

/** A promotion's event as the log takes it. */
export function toNewEvent(event: PromotionEvent): NewEvent {
  const { type, at, actor, ...data } = event;
  return { type, at, actor, data };
}

/** @throws Error for an event that this version does not know, for example after a downgrade. */
export function parsePromotionEvent(recorded: RecordedEvent): PromotionEvent {
  const { type, at, actor, data } = recorded;
  const event = { ...data, type, at, actor };
  if (isPromotionEvent(event)) return event;
  throw new Error(
    `Event ${recorded.version} of ${recorded.stream} has the unknown type ${type}`,
  );
}

/** The log holds only what `toNewEvent` wrote, and its hash proves that; the type alone may be unknown. */
function isPromotionEvent(event: {
  readonly type: string;
}): event is PromotionEvent {
  return Object.hasOwn(types, event.type);
}
