// SPDX-License-Identifier: Apache-2.0
import type { FleetAction } from '@causeway/plugin-delivery-common';
import type { MarkKey } from '@causeway/plugin-delivery-react';

/** The mark of every phase of an action. */
export const actionMarks: Readonly<Record<FleetAction['phase'], MarkKey>> = {
  awaitingApproval: 'you',
  queued: 'wait',
  running: 'run',
  succeeded: 'ok',
  failed: 'bad',
  cancelled: 'skip',
  expired: 'warn',
  refused: 'lock',
};
