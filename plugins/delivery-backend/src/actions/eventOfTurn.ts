// SPDX-License-Identifier: Apache-2.0
import {
  afterAttempt,
  type ActionEvent,
  type ActionKind,
  type DeviceAction,
} from '@causeway/plugin-delivery-common';
import type { DeviceActionTurn } from '@causeway/plugin-delivery-node';

type Unsigned<Event> = Event extends unknown
  ? Omit<Event, 'at' | 'actor'>
  : never;

/**
 * What is recorded of a turn of an executor: its end, or how far it is where that is news. Undefined
 * when nothing has changed, so that waiting fills no log.
 */
export function eventOfTurn(
  turn: DeviceActionTurn,
  action: DeviceAction,
  kind: ActionKind,
  now: Date,
): {
  readonly event?: Unsigned<ActionEvent>;
  readonly output?: string;
  readonly isOver: boolean;
} {
  switch (turn.state) {
    case 'running': {
      const { progress } = turn;
      const isNews =
        JSON.stringify(progress) !== JSON.stringify(action.progress);
      return {
        ...(isNews && { event: { type: 'progressed', progress } }),
        isOver: false,
      };
    }
    case 'succeeded':
      return {
        event: { type: 'succeeded', receipt: turn.receipt },
        ...(turn.output !== undefined && { output: turn.output }),
        isOver: true,
      };
    case 'failed': {
      const { message, evidence = [], output } = turn;
      return {
        event: turn.retry
          ? afterAttempt(action, kind, message, now.toISOString())
          : { type: 'failed', receipt: { message, evidence } },
        ...(output !== undefined && { output }),
        isOver: true,
      };
    }
    default:
      throw new TypeError(
        `Unknown turn ${JSON.stringify(turn satisfies never)}`,
      );
  }
}
