// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  axisNames,
  axisStates,
  type Axis,
  type DeviceAxes,
} from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import { recordIn, textIn } from '../clusters/fields';
import { rest } from '../clusters/pause';
import { jsonOf, optionalTextOf, textOf, type Row } from '../database/rows';
import type { RememberedDevice } from './describeEntry';
import type { DeviceEntry } from './DeviceEntry';
import type { FleetNews } from './DeviceFleet';
import type { StateChange } from './StateChange';

/** Bounds and rhythm of writing. Times are in milliseconds. */
export interface HistoryLimits {
  /** Between two writes. */
  readonly interval: number;
  /** Rows of one statement; SQLite takes 32,766 values in one. */
  readonly batch: number;
  /** Changes that wait to be written at most; older ones are dropped for newer ones. */
  readonly waiting: number;
  /** What is older is forgotten. */
  readonly retention: number;
}

export const usualHistoryLimits: HistoryLimits = {
  interval: 2_000,
  batch: 500,
  waiting: 200_000,
  retention: 30 * 24 * 3_600_000,
};

/** Between two looks for what is too old. */
const tidyInterval = 3_600_000;
const minute = 60_000;

/**
 * What changed on devices, kept in the database. Writes are gathered and written in batches beside
 * everything else, so that a storm costs the database some hundred statements and readers nothing. A
 * database that fails is tried again with what waits, up to a limit; what is lost then is counted in
 * the log. Of several changes to the same state within a minute the first is kept.
 */
export class FleetHistory {
  #changes: StateChange[] = [];
  #devices = new Map<string, DeviceEntry>();
  #dropped = 0;
  #tidiedAt = 0;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(
    private readonly parts: {
      readonly database: Knex;
      readonly clock: () => Date;
      readonly logger: LoggerService;
      readonly limits: HistoryLimits;
    },
  ) {}

  /** Every device that was known before this process started. */
  async devices(): Promise<readonly RememberedDevice[]> {
    const rows: Row[] = await this.parts
      .database('fleet_devices')
      .select('cluster', 'name', 'axes', 'last_seen');
    return rows.flatMap(row => {
      const axes = parseAxes(jsonOf(row, 'axes'));
      const lastSeen = optionalTextOf(row, 'last_seen');
      return axes
        ? [
            {
              cluster: textOf(row, 'cluster'),
              name: textOf(row, 'name'),
              axes,
              ...(lastSeen && { lastSeen: Date.parse(lastSeen) }),
            },
          ]
        : [];
    });
  }

  /** The newest changes of a device, with what happened to its whole cluster, and when it was first seen. */
  async of(
    cluster: string,
    name: string,
    limit = 100,
  ): Promise<{
    readonly changes: readonly StateChange[];
    readonly firstSeen?: string;
  }> {
    const { database } = this.parts;
    const [rows, known]: [Row[], Row | undefined] = await Promise.all([
      database('fleet_history')
        .where({ cluster })
        .whereIn('name', [name, ''])
        .orderBy('at', 'desc')
        .limit(limit)
        .select('*'),
      database('fleet_devices').where({ cluster, name }).first('first_seen'),
    ]);
    return {
      changes: rows.flatMap(row => parseChange(row) ?? []),
      ...(known && { firstSeen: textOf(known, 'first_seen') }),
    };
  }

  /** Takes note of what a look has brought; returns at once. */
  note({ changes, devices }: FleetNews): void {
    for (const change of changes) this.#changes.push(change);
    for (const device of devices) this.#devices.set(device.id, device);
    const over = this.#changes.length - this.parts.limits.waiting;
    if (over > 0) {
      this.#changes.splice(0, over);
      this.#dropped += over;
    }
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when what waited is written, or could not be. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#flush();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await rest(this.parts.limits.interval, this.#stop.signal);
      await this.#flush();
      await this.#tidy();
    }
  }

  async #flush(): Promise<void> {
    const { database, logger, limits, clock } = this.parts;
    const now = clock().toISOString();
    try {
      while (this.#changes.length > 0) {
        const batch = this.#changes.slice(0, limits.batch);
        await database('fleet_history')
          .insert(batch.map(toRow))
          .onConflict(['cluster', 'name', 'axis', 'minute', 'to_state'])
          .ignore();
        this.#changes.splice(0, batch.length);
      }
      while (this.#devices.size > 0) {
        const batch = firstOf(this.#devices.values(), limits.batch);
        await database('fleet_devices')
          .insert(batch.map(device => toDeviceRow(device, now)))
          .onConflict(['cluster', 'name'])
          .merge(['axes', 'last_seen', 'updated_at']);
        for (const device of batch) {
          if (this.#devices.get(device.id) === device) {
            this.#devices.delete(device.id);
          }
        }
      }
    } catch (error) {
      logger.warn(`The history of devices could not be written: ${error}`);
    }
    if (this.#dropped > 0) {
      logger.warn(
        `${
          this.#dropped
        } changes of devices were dropped, because more came than could be written.`,
      );
      this.#dropped = 0;
    }
  }

  async #tidy(): Promise<void> {
    const { database, logger, limits, clock } = this.parts;
    const now = clock().getTime();
    if (now - this.#tidiedAt < tidyInterval) return;
    this.#tidiedAt = now;
    const before = new Date(now - limits.retention).toISOString();
    try {
      await database('fleet_history').where('at', '<', before).delete();
    } catch (error) {
      logger.warn(`The history of devices could not be tidied: ${error}`);
    }
  }
}

function firstOf<T>(items: Iterable<T>, count: number): readonly T[] {
  const first: T[] = [];
  for (const item of items) {
    if (first.length === count) break;
    first.push(item);
  }
  return first;
}

function toRow(change: StateChange) {
  return {
    cluster: change.cluster,
    name: change.name,
    axis: change.axis,
    minute: Math.floor(change.at / minute),
    to_state: change.to,
    from_state: change.from ?? null,
    at: new Date(change.at).toISOString(),
    code: change.reason?.code ?? null,
    // PostgreSQL takes no zero characters in texts.
    message:
      change.reason?.message.replaceAll('\0', '').slice(0, 1_000) ?? null,
  };
}

function toDeviceRow(device: DeviceEntry, now: string) {
  const { lastSeen } = device;
  const seen = lastSeen === undefined ? null : new Date(lastSeen).toISOString();
  return {
    cluster: device.cluster,
    name: device.name,
    axes: JSON.stringify(device.axes),
    last_seen: seen,
    first_seen: now,
    updated_at: now,
  };
}

function parseChange(row: Row): StateChange | undefined {
  const text = textOf(row, 'axis');
  const axis = axisNames.find(name => name === text);
  const from = optionalTextOf(row, 'from_state');
  const code = optionalTextOf(row, 'code');
  return (
    axis && {
      cluster: textOf(row, 'cluster'),
      name: textOf(row, 'name'),
      at: Date.parse(textOf(row, 'at')),
      axis,
      ...(from !== undefined && { from }),
      to: textOf(row, 'to_state'),
      ...(code !== undefined && {
        reason: { code, message: optionalTextOf(row, 'message') ?? '' },
      }),
    }
  );
}

/** Undefined when an older or newer version of the plugin has written other states. */
function parseAxes(value: object): DeviceAxes | undefined {
  const connectivity = parseAxis(value, 'connectivity');
  const health = parseAxis(value, 'health');
  const update = parseAxis(value, 'update');
  const applications = parseAxis(value, 'applications');
  const hold = parseAxis(value, 'hold');
  const isolation = parseAxis(value, 'isolation');
  return connectivity && health && update && applications && hold && isolation
    ? { connectivity, health, update, applications, hold, isolation }
    : undefined;
}

function parseAxis<Name extends keyof typeof axisStates>(
  value: object,
  name: Name,
): Axis<(typeof axisStates)[Name][number]> | undefined {
  const axis = recordIn(value, name);
  const states: readonly (typeof axisStates)[Name][number][] = axisStates[name];
  const stateIn = (key: string) =>
    states.find(known => known === textIn(axis, key));
  const state = stateIn('state');
  const was = stateIn('was');
  const since = textIn(axis, 'since');
  const reason = recordIn(axis, 'reason');
  const code = textIn(reason, 'code');
  return (
    state && {
      state,
      ...(since && { since }),
      ...(was && { was }),
      ...(code && {
        reason: { code, message: textIn(reason, 'message') ?? '' },
      }),
    }
  );
}
