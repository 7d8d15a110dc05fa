// SPDX-License-Identifier: Apache-2.0
import { isError } from '@backstage/errors';
import type { ActionEvent } from '@causeway/plugin-delivery-common';

/** An event that has no author and no time yet. */
export type Unsigned = ActionEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'at' | 'actor'>
    : never
  : never;

/** The cluster forbids it: trying again would only be forbidden again. */
export function isFinal(error: unknown): error is Error {
  return isError(error) && error.name === 'NotAllowedError';
}

/** An event with something that people have to know of its end. */
export function withNote<Event extends Unsigned>(
  event: Event,
  note: string | undefined,
): Event {
  if (note === undefined) return event;
  if (event.type === 'attemptFailed') {
    return { ...event, message: `${event.message} ${note}` };
  }
  if (event.type !== 'failed') return event;
  const { receipt } = event;
  return {
    ...event,
    receipt: { ...receipt, message: `${receipt.message} ${note}` },
  };
}

/** The end of an attempt that the cluster forbids to go on with. */
export function failedBy({ message }: Error): Unsigned {
  return { type: 'failed', receipt: { message, evidence: [] } };
}
