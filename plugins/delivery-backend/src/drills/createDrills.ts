// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { SignalsService } from '@backstage/plugin-signals-node';
import type {
  Drill,
  DrillOrder,
  DrillPatience,
} from '@causeway/plugin-delivery-common';
import {
  FLEET_SIGNAL_CHANNEL,
  SignalPublisher,
} from '../announcements/SignalPublisher';
import type { Clock } from '../Clock';
import type { HardwareBook } from '../fleet/describeEntry';
import type { DeviceReader } from '../fleet/DeviceReader';
import type { Pipelines } from '../pipelines/Pipelines';
import type { Releases } from '../releases/Releases';
import type { DrillExecutor } from './DrillExecutor';
import { DrillExecutors } from './DrillExecutors';
import { DrillRunner, type DrillRunnerOptions } from './DrillRunner';
import { Drills } from './Drills';
import type { DrillStore } from './DrillStore';
import { DrillViews } from './DrillViews';
import { observeDrill } from './observeDrill';

/** Drills, wired and at rest until `start`. */
export interface DrillService {
  readonly drills: Drills;
  readonly views: DrillViews;
  start(): void;
  /** Takes up nothing new and resolves when what is under way has ended. Faults go on: they are ended after a start. */
  stop(): Promise<void>;
}

/** Wires drills: what people ask for, who moves them, and what is seen of them. */
export function createDrills(parts: {
  readonly store: DrillStore;
  readonly fleet: DeviceReader;
  readonly hardware: HardwareBook;
  readonly pipelines: Pick<Pipelines, 'list'>;
  readonly releases: Pick<Releases, 'findByDigest' | 'get'>;
  /** Who brings faults about; of several that serve a cluster the first. */
  readonly executors: readonly DrillExecutor[];
  readonly clock: Clock;
  readonly logger: LoggerService;
  readonly signals: SignalsService;
  /** Names this process. */
  readonly run: string;
  /** Promotions may wait for drills, and pages show them. */
  readonly changed: (drill: Drill) => void;
  readonly patience?: DrillPatience;
  /** Rhythm and crash points, for tests. */
  readonly runner?: Partial<
    Pick<DrillRunnerOptions, 'beat' | 'pace' | 'onPoint'>
  >;
}): DrillService {
  const { store, fleet, hardware, clock } = parts;
  const observe = (
    order: Pick<DrillOrder, 'devices' | 'targets' | 'release'>,
  ) => observeDrill(order, { fleet, hardware, now: clock() });
  const executors = new DrillExecutors(parts.executors);
  const drills = new Drills({ ...parts, executors, observe });
  const runner = new DrillRunner({
    ...parts,
    ...parts.runner,
    executors,
    drills: store,
    observe: ({ order }) => observe(order),
  });
  const signals = new SignalPublisher({
    ...parts,
    run: `${parts.run}-drills`,
    channel: FLEET_SIGNAL_CHANNEL,
    pause: 1_000,
  });
  const endings: (() => void)[] = [];
  return {
    drills,
    views: new DrillViews({ store, drills }),
    start() {
      endings.push(
        store.subscribe(drill => {
          signals.changed();
          parts.changed(drill);
        }),
      );
      runner.start();
    },
    async stop() {
      for (const end of endings.splice(0)) end();
      signals.stop();
      await runner.stop();
    },
  };
}
