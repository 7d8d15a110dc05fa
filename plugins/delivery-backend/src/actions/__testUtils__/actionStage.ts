// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { ConfigReader } from '@backstage/config';
import type {
  ActionKind,
  Connectivity,
  DeviceAction,
} from '@causeway/plugin-delivery-common';
import type {
  DeviceActionCluster,
  DeviceActionExecutor,
} from '@causeway/plugin-delivery-node';
import type { Knex } from 'knex';
import { DatabaseEventLog } from '../../audit/DatabaseEventLog';
import type { DeviceReader } from '../../fleet/DeviceReader';
import { silentLogger } from '../../testing/silentLogger';
import { createActions } from '../createActions';
import type { ActionPoint } from '../ActionWorker';

export const mia = 'user:default/mia';
export const omar = 'user:default/omar';
const everywhere = { allows: () => true };

/** A person who may act everywhere. */
export const person = (actor: string) => ({
  actor,
  sees: everywhere,
  mayAct: everywhere,
});

/** Devices that are as a test says, in place of a fleet that watches clusters. */
export class StagedDevices {
  readonly connectivity = new Map<string, Connectivity>();
  readonly #listeners = new Set<
    (news: { changes: []; devices: never[] }) => void
  >();

  /** @param sites - sites by the names of devices, all of the cluster `edge` */
  constructor(private readonly sites: Readonly<Record<string, string>>) {}

  /** Says how a device does, and tells of it. */
  set(name: string, connectivity: Connectivity): void {
    this.connectivity.set(name, connectivity);
    const device: unknown = { cluster: 'edge', name };
    for (const listener of this.#listeners) {
      listener({ changes: [], devices: [device as never] });
    }
  }

  reader(): DeviceReader {
    const found = (name: string) => ({
      site: this.sites[name],
      axes: {
        connectivity: { state: this.connectivity.get(name) ?? 'live' },
        isolation: { state: 'none' },
        hold: { state: 'none' },
      },
    });
    const reader: unknown = {
      find: (cluster: string, name: string) =>
        cluster === 'edge' && Object.hasOwn(this.sites, name)
          ? found(name)
          : undefined,
      clusters: () => [
        {
          name: 'edge',
          freshness: () => ({ state: 'live' }),
          node: () => undefined,
        },
      ],
    };
    return reader as DeviceReader;
  }

  subscribe = (listener: (news: never) => void) => {
    const heard = listener as (news: object) => void;
    this.#listeners.add(heard);
    return () => {
      this.#listeners.delete(heard);
    };
  };
}

/** A world in which things are done to devices, and which remembers how often. */
export class Ledger {
  /** How often each action was done, by its id. */
  readonly done = new Map<string, number>();
  /** Devices that something is being done to now, with their sites. */
  readonly busy = new Map<string, string>();
  mostOnDevice = 0;
  mostAtSite = 0;
  /** Turns that an action needs after it was done. */
  turns = 1;
  fails = 0;
  readonly #left = new Map<string, number>();
  readonly order: string[] = [];

  /** Something that is done once, seen in the ledger and over some turns later. */
  executor(change: Partial<ActionKind> = {}): DeviceActionExecutor {
    return {
      kind: {
        name: 'poke',
        title: 'Poke',
        consequence: 'It is poked.',
        destructive: true,
        interrupts: true,
        away: 'waits',
        stoppable: true,
        timeout: 600_000,
        attempts: 2,
        parameters: [],
        ...change,
      },
      prepare: async ({ node }) => ({ node }),
      advance: async ({ id, node, now, attempt }, memory) => {
        const key = `${id} ${attempt}`;
        if (!this.done.has(key)) {
          this.done.set(key, 1);
          this.order.push(node);
          this.#begin(id, node);
        }
        const left = this.#left.get(key) ?? this.turns;
        this.#left.set(key, left - 1);
        if (left > 0) {
          return { state: 'running', progress: { message: `${left} to go.` } };
        }
        this.busy.delete(id);
        if (this.fails > 0) {
          this.fails -= 1;
          return { state: 'failed', message: 'It fell over.', retry: true };
        }
        return {
          state: 'succeeded',
          receipt: {
            message: 'It was poked.',
            evidence: [
              {
                object: `Node ${memory.node}`,
                seen: 'Poked.',
                at: now.toISOString(),
              },
            ],
          },
        };
      },
    };
  }

  #begin(id: string, node: string): void {
    this.busy.set(id, node);
    const nodes = [...this.busy.values()];
    const most = (of: (name: string) => string) =>
      Math.max(
        ...nodes.map(
          name => nodes.filter(other => of(other) === of(name)).length,
        ),
      );
    this.mostOnDevice = Math.max(
      this.mostOnDevice,
      most(name => name),
    );
    this.mostAtSite = Math.max(
      this.mostAtSite,
      most(name => name.split('-')[0]),
    );
  }
}

/** One portal's queue over a database that others may share. */
export function startQueue(options: {
  readonly database: Knex;
  readonly devices: StagedDevices;
  readonly executors: readonly DeviceActionExecutor[];
  readonly onPoint?: (point: ActionPoint) => Promise<void> | void;
  readonly config?: object;
  readonly clock?: () => Date;
}) {
  const { database, devices } = options;
  const clock = options.clock ?? (() => new Date());
  const nowhere: unknown = {};
  const service = createActions({
    database,
    log: new DatabaseEventLog({ database, clock }),
    devices: devices.reader(),
    fleet: devices,
    actOn: () => nowhere as DeviceActionCluster,
    executors: options.executors,
    config: new ConfigReader({
      delivery: { actions: { perSite: 2, ...options.config } },
    }),
    signals: { publish: async () => undefined },
    logger: silentLogger,
    clock,
    run: randomUUID(),
    worker: { pace: 20, onPoint: options.onPoint },
  });
  service.start();
  return service;
}

/** Ends with the test's own timeout. */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
): Promise<void> {
  while (!(await isTrue())) {
    await new Promise(resolve => {
      setTimeout(resolve, 25);
    });
  }
}

/** All actions, as they are now. */
export async function allOf(service: {
  readonly store: ReturnType<typeof createActions>['store'];
}): Promise<readonly DeviceAction[]> {
  return (await service.store.list({}, { limit: 500 })).map(
    ({ action }) => action,
  );
}
