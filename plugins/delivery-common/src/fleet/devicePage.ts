// SPDX-License-Identifier: Apache-2.0
import type { FleetSort } from '../api/views';
import { Best } from './Best';
import { connectivities, healths } from './device';
import type { DeviceTest } from './deviceFilter';
import type { DeviceRecord } from './deviceRecord';

type Key = string | number | undefined;
type SortName = Exclude<FleetSort, `-${string}`>;

/** The place of a device in an order; the id decides among equals. */
interface Position {
  readonly key: Key;
  readonly id: string;
}

const healthOrder: readonly string[] = [
  'critical',
  'warning',
  'unknown',
  'ok',
] satisfies (typeof healths)[number][];

/** What devices are sorted by. Of states the worst comes first. */
const keys: Readonly<Record<SortName, (device: DeviceRecord) => Key>> = {
  name: ({ name }) => name,
  site: ({ siteName, site }) => siteName ?? site,
  health: ({ axes }) => badness(healthOrder, axes.health.state),
  connectivity: ({ axes }) => -connectivities.indexOf(axes.connectivity.state),
  temperature: ({ telemetry }) => telemetry?.readings.temperature?.value,
  lastSeen: ({ lastSeen }) => lastSeen,
  version: ({ version }) => version,
};

function badness(order: readonly string[], state: string): number {
  return order.indexOf(state);
}

/** A page of devices. */
export interface DevicePage {
  /** Devices that the filter lets through, on whatever page. */
  readonly total: number;
  readonly items: readonly DeviceRecord[];
  readonly nextCursor?: string;
}

/** A cursor that belongs to another question, or that nobody gave out. */
export class UnknownCursor extends Error {}

/**
 * The devices after a cursor in an order. The cursor holds the place where the page before ended and
 * not a number of devices, so devices that come, go or change neither repeat nor hide others. One pass
 * over all devices that keeps as many as the page holds: sorting them all would cost more.
 *
 * @throws UnknownCursor
 */
export function devicePage(
  devices: Iterable<DeviceRecord>,
  test: DeviceTest,
  question: {
    readonly sort: FleetSort;
    readonly limit: number;
    readonly cursor?: string;
  },
): DevicePage {
  const { sort, limit } = question;
  const keyOf = keyReader(sort);
  const compare = comparison(sort);
  const after =
    question.cursor === undefined
      ? undefined
      : readCursor(question.cursor, sort);
  const best = new Best<DeviceRecord>(limit + 1, (one, other) =>
    compare(
      { key: keyOf(one), id: one.id },
      { key: keyOf(other), id: other.id },
    ),
  );
  let total = 0;
  for (const device of devices) {
    if (!test(device)) continue;
    total += 1;
    const position = { key: keyOf(device), id: device.id };
    if (!after || compare(position, after) > 0) best.offer(device);
  }
  const found = best.sorted();
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return {
    total,
    items,
    ...(found.length > limit &&
      last && { nextCursor: writeCursor(sort, keyOf(last), last.id) }),
  };
}

function keyReader(sort: FleetSort): (device: DeviceRecord) => Key {
  const [, name] = directionOf(sort);
  return keys[name];
}

function directionOf(sort: FleetSort): readonly [1 | -1, SortName] {
  switch (sort) {
    case '-name':
      return [-1, 'name'];
    case '-site':
      return [-1, 'site'];
    case '-health':
      return [-1, 'health'];
    case '-connectivity':
      return [-1, 'connectivity'];
    case '-temperature':
      return [-1, 'temperature'];
    case '-lastSeen':
      return [-1, 'lastSeen'];
    case '-version':
      return [-1, 'version'];
    default:
      return [1, sort];
  }
}

/** Devices without a value come last in both directions. */
function comparison(
  sort: FleetSort,
): (one: Position, other: Position) => number {
  const [direction] = directionOf(sort);
  return (one, other) => {
    if (one.key !== other.key) {
      if (one.key === undefined) return 1;
      if (other.key === undefined) return -1;
      return one.key < other.key ? -direction : direction;
    }
    if (one.id === other.id) return 0;
    return one.id < other.id ? -1 : 1;
  };
}

function writeCursor(sort: FleetSort, key: Key, id: string): string {
  return encodeURIComponent(
    JSON.stringify(key === undefined ? [sort, id] : [sort, id, key]),
  );
}

function readCursor(text: string, sort: FleetSort): Position {
  let parts: unknown;
  try {
    parts = JSON.parse(decodeURIComponent(text));
  } catch (error) {
    throw new UnknownCursor('The cursor can not be read.', { cause: error });
  }
  if (!Array.isArray(parts) || parts[0] !== sort) {
    throw new UnknownCursor('The cursor belongs to another order.');
  }
  const [, id, key]: unknown[] = parts;
  const isKey =
    key === undefined || typeof key === 'string' || typeof key === 'number';
  if (typeof id !== 'string' || !isKey) {
    throw new UnknownCursor('The cursor can not be read.');
  }
  return { id, key };
}
