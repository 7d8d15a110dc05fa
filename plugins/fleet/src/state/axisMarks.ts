// SPDX-License-Identifier: Apache-2.0
import type {
  AxisName,
  AxisStates,
  FleetWorst,
} from '@causeway/plugin-delivery-common';
import type { MarkKey } from '@causeway/plugin-delivery-react';
import type { Translate } from '../translation';

/** The mark of every state of every axis. What is as it should be without a word has none. */
const marks: {
  readonly [Name in AxisName]: Readonly<
    Record<AxisStates[Name], MarkKey | undefined>
  >;
} = {
  connectivity: {
    live: 'ok',
    stale: 'stale',
    offline: 'away',
    never: 'never',
  },
  health: { ok: 'ok', warning: 'warn', critical: 'bad', unknown: 'stale' },
  update: {
    upToDate: 'ok',
    updating: 'run',
    outOfDate: 'todo',
    unknown: 'stale',
  },
  applications: {
    none: undefined,
    healthy: 'ok',
    degraded: 'warn',
    failed: 'bad',
    unknown: 'stale',
  },
  hold: { none: undefined, device: 'hold', operator: 'hold' },
  isolation: {
    none: undefined,
    cordoned: 'cordoned',
    quarantined: 'quarantined',
  },
};

/** The mark of the worst state at a site. */
export const worstMarks = {
  critical: 'bad',
  warning: 'warn',
  away: 'away',
  stale: 'stale',
  unknown: 'never',
  ok: 'ok',
} as const satisfies Record<FleetWorst, MarkKey>;

/** The mark of a state; nothing where the absence of trouble needs no mark. */
export function markOf(axis: AxisName, state: string): MarkKey | undefined {
  const known: Readonly<Record<string, MarkKey | undefined>> = marks[axis];
  // A newer backend may know more states than this page does.
  return state in known ? known[state] : 'unsure';
}

/** The word for a state; a state this page does not know is said as it is. */
export function wordOf(axis: AxisName, state: string, t: Translate): string {
  switch (axis) {
    case 'connectivity':
      return isIn(marks.connectivity, state)
        ? t(`connectivity.${state}`)
        : state;
    case 'health':
      return isIn(marks.health, state) ? t(`health.${state}`) : state;
    case 'update':
      return isIn(marks.update, state) ? t(`update.${state}`) : state;
    case 'applications':
      return isIn(marks.applications, state)
        ? t(`applications.${state}`)
        : state;
    case 'hold':
      return isIn(marks.hold, state) ? t(`hold.${state}`) : state;
    case 'isolation':
      return isIn(marks.isolation, state) ? t(`isolation.${state}`) : state;
    default:
      return assertNever(axis);
  }
}

function isIn<Key extends string>(
  known: Readonly<Record<Key, unknown>>,
  state: string,
): state is Key {
  return Object.hasOwn(known, state);
}

function assertNever(axis: never): never {
  throw new Error(`Unknown axis ${axis}`);
}
