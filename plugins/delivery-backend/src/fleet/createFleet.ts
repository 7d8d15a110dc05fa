// SPDX-License-Identifier: Apache-2.0
import type {
  LoggerService,
  RootConfigService,
  UrlReaderService,
} from '@backstage/backend-plugin-api';
import type { ScmIntegrations } from '@backstage/integration';
import type { SignalsService } from '@backstage/plugin-signals-node';
import type { Pipeline } from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import {
  FLEET_SIGNAL_CHANNEL,
  SignalPublisher,
} from '../announcements/SignalPublisher';
import type { Clock } from '../Clock';
import { prometheusSources } from '../monitoring/createCanaryMetrics';
import { defaultPrometheusLimits } from '../monitoring/PrometheusClient';
import { DeviceFleet } from './DeviceFleet';
import type { DeviceReader } from './DeviceReader';
import { FleetHistory } from './FleetHistory';
import { FleetInventory } from './FleetInventory';
import { FleetTelemetry } from './FleetTelemetry';
import { FleetViews } from './FleetViews';
import { readDeviceConfig } from './readDeviceConfig';
import { TwinHistory } from './TwinHistory';

/** The fleet, wired and at rest until `start`. */
export interface DeviceFleetService {
  readonly reader: DeviceReader;
  readonly views: FleetViews;
  readonly twins: TwinHistory;
  start(): void;
  /** Resolves when nothing of it runs any more and what changed is written. */
  stop(): Promise<void>;
}

/** One query is about all devices of a cluster. */
const telemetryLimits = {
  ...defaultPrometheusLimits,
  series: 200_000,
  body: 128 * 1024 * 1024,
  retries: 1,
  parallel: 4,
};

/** Pages are told of changes of the fleet at most so often, in milliseconds: they show all of it. */
const signalPause = 2_000;

/** Wires the fleet: devices in memory, inventory, measurements, history, signals and views. */
export function createFleet(parts: {
  /** None when left out: the fleet is empty then. */
  readonly devices?: DeviceFleet;
  readonly database: Knex;
  readonly config: RootConfigService;
  readonly integrations: ScmIntegrations;
  readonly pipelines: { list(): readonly Pipeline[] };
  readonly urlReader: UrlReaderService;
  readonly signals: SignalsService;
  readonly logger: LoggerService;
  readonly clock: Clock;
  /** Names this process. */
  readonly run: string;
}): DeviceFleetService {
  const { config, logger, clock, run } = parts;
  const settings = readDeviceConfig(config, parts.integrations);
  const fleet = parts.devices ?? new DeviceFleet({ clock, ...settings });
  const history = new FleetHistory({ ...parts, limits: settings.history });
  const twins = new TwinHistory({
    ...parts,
    retention: settings.history.retention,
  });
  const inventory =
    settings.inventory === undefined
      ? undefined
      : new FleetInventory({
          url: settings.inventory,
          reader: parts.urlReader,
          logger,
          use: found => fleet.setInventory(found),
        });
  const telemetry = new FleetTelemetry({
    sources: prometheusSources(config, telemetryLimits),
    fleet,
    logger,
    interval: settings.telemetryInterval,
    nodeLabel: settings.nodeLabel,
  });
  const signals = new SignalPublisher({
    ...parts,
    channel: FLEET_SIGNAL_CHANNEL,
    pause: signalPause,
  });
  const endings: (() => void)[] = [];
  const begin = async () => {
    try {
      fleet.remember(await history.devices());
    } catch (error) {
      logger.warn(`The last states of devices could not be read: ${error}`);
    }
  };
  let beginning: Promise<void> | undefined;
  let stopped = false;
  return {
    reader: fleet,
    views: new FleetViews({
      ...parts,
      fleet,
      history,
      twins,
      inventory,
      clock,
      run,
    }),
    twins,
    start() {
      if (!parts.devices) return;
      beginning ??= begin().then(() => {
        if (stopped) return;
        endings.push(
          fleet.subscribe(news => {
            history.note(news);
            signals.changed();
          }),
          fleet.onTwins(changes => twins.note(changes)),
        );
        history.start();
        inventory?.start();
        fleet.start();
        telemetry.start();
      });
    },
    async stop() {
      stopped = true;
      await beginning;
      for (const end of endings.splice(0)) end();
      signals.stop();
      await Promise.all([inventory?.stop(), telemetry.stop(), fleet.stop()]);
      await Promise.all([history.stop(), twins.stop()]);
    },
  };
}
