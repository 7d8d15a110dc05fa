// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type {
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import type { SignalsService } from '@backstage/plugin-signals-node';
import type { DeviceActionExecutor } from '@causeway/plugin-delivery-node';
import type { Knex } from 'knex';
import {
  FLEET_SIGNAL_CHANNEL,
  SignalPublisher,
} from '../announcements/SignalPublisher';
import type { EventLog } from '../audit/EventLog';
import type { Clock } from '../Clock';
import type { DeviceFleet } from '../fleet/DeviceFleet';
import type { DeviceReader } from '../fleet/DeviceReader';
import { ActionKinds } from './ActionKinds';
import { ActionLeases } from './ActionLeases';
import { ActionSituations } from './ActionSituations';
import { ActionStore } from './ActionStore';
import { ActionViews } from './ActionViews';
import {
  ActionWorker,
  type ActionWorkerOptions,
  type ActOn,
} from './ActionWorker';
import { DeviceActions } from './DeviceActions';
import { collectLogs } from './kubernetes/collectLogs';
import { cordon, uncordon } from './kubernetes/cordon';
import { drain } from './kubernetes/drain';
import { oneShotJob } from './kubernetes/oneShotJob';
import { pin, unpin } from './kubernetes/pin';
import { quarantine, release } from './kubernetes/quarantine';
import { restart } from './kubernetes/restart';
import { upgradeEdgeCore } from './kubernetes/upgradeEdgeCore';
import { upgradeK3s } from './kubernetes/upgradeK3s';
import { upgradeOs } from './kubernetes/upgradeOs';
import { readActionConfig } from './readActionConfig';

/** Actions on devices, wired and at rest until `start`. */
export interface DeviceActionService {
  readonly actions: DeviceActions;
  readonly views: ActionViews;
  readonly store: ActionStore;
  start(): void;
  /** Takes up nothing new and resolves when what is under way has ended. */
  stop(): Promise<void>;
}

/** The kinds that need nothing but the Kubernetes API, in the order in which people see them. */
export function coreExecutors(): readonly DeviceActionExecutor[] {
  return [
    cordon,
    uncordon,
    drain,
    restart,
    pin,
    unpin,
    collectLogs,
    quarantine,
    release,
  ];
}

/** Wires actions on devices: kinds, queue, worker, views and signals. */
export function createActions(parts: {
  readonly database: Knex;
  readonly log: EventLog;
  readonly devices: DeviceReader;
  /** Where changes of devices are heard of; nobody waits for them when left out. */
  readonly fleet?: Pick<DeviceFleet, 'subscribe'>;
  /** None when left out: then actions wait. */
  readonly actOn?: ActOn;
  /** Beside the core kinds and the configured jobs. */
  readonly executors?: readonly DeviceActionExecutor[];
  readonly config: RootConfigService;
  readonly signals: SignalsService;
  readonly logger: LoggerService;
  readonly clock: Clock;
  /** Names this process. */
  readonly run: string;
  /** Rhythm and crash points, for tests. */
  readonly worker?: Partial<
    Pick<ActionWorkerOptions, 'pace' | 'onPoint' | 'parallelism'>
  >;
}): DeviceActionService {
  const { database, log, clock, devices, fleet } = parts;
  const { approval, perSite, jobs, upgrades } = readActionConfig(parts.config);
  const kinds = new ActionKinds([
    ...coreExecutors(),
    ...jobs.map(oneShotJob),
    ...(upgrades.k3s ? [upgradeK3s(upgrades.k3s)] : []),
    ...(upgrades.edgeCore ? [upgradeEdgeCore(upgrades.edgeCore)] : []),
    ...(upgrades.os ? [upgradeOs(upgrades.os)] : []),
    ...(parts.executors ?? []),
  ]);
  const newId = () => randomUUID();
  const store = new ActionStore({ database, log, clock });
  const leases = new ActionLeases({ database, clock, newTicket: newId });
  const situations = new ActionSituations({ devices, kinds, store, clock });
  const worker = new ActionWorker({
    ...parts.worker,
    store,
    leases,
    kinds,
    situations,
    actOn: parts.actOn ?? (() => undefined),
    clock,
    logger: parts.logger,
    perSite,
    random: Math.random,
  });
  const actions = new DeviceActions({
    store,
    kinds,
    situations,
    rule: approval,
    clock,
    newId,
  });
  const signals = new SignalPublisher({
    ...parts,
    run: `${parts.run}-actions`,
    channel: FLEET_SIGNAL_CHANNEL,
    pause: 1_000,
  });
  const endings: (() => void)[] = [];
  return {
    actions,
    store,
    views: new ActionViews({ store, kinds, actions }),
    start() {
      endings.push(
        store.subscribe(() => {
          worker.check();
          signals.changed();
        }),
      );
      if (fleet) {
        endings.push(
          fleet.subscribe(news => {
            for (const device of news.devices) worker.deviceChanged(device);
          }),
        );
      }
      worker.start();
    },
    async stop() {
      for (const end of endings.splice(0)) end();
      signals.stop();
      await worker.stop();
    },
  };
}
