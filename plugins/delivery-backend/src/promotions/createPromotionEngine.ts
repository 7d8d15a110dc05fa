// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Wake } from '@causeway/plugin-delivery-common';
import type { EffectPoint } from '@causeway/plugin-delivery-node';
import type { Knex } from 'knex';
import type { Actors } from '../audit/Actors';
import { DatabaseEventLog } from '../audit/DatabaseEventLog';
import type { EventLog } from '../audit/EventLog';
import { IdempotencyKeys } from '../audit/IdempotencyKeys';
import { CanaryAnalyst } from '../canary/CanaryAnalyst';
import { CanaryGates } from '../canary/CanaryGates';
import { CanaryReverter } from '../canary/CanaryReverter';
import { CanarySamples } from '../canary/CanarySamples';
import { EngineWords } from '../canary/EngineWords';
import type { Clock } from '../Clock';
import type { Clusters } from '../clusters/Clusters';
import type { FleetRepositories } from '../gitops/FleetRepositories';
import type { CanaryMetrics } from '../monitoring/CanaryMetrics';
import type { Pipelines } from '../pipelines/Pipelines';
import type { Releases } from '../releases/Releases';
import { EventSourcedRollbacks } from '../rollbacks/EventSourcedRollbacks';
import { RollbackCanaries } from '../rollbacks/RollbackCanaries';
import type { Rollbacks } from '../rollbacks/Rollbacks';
import { DrillStore } from '../drills/DrillStore';
import type { DeviceReader } from '../fleet/DeviceReader';
import { WaveStore } from '../waves/WaveStore';
import { AutoPromoter } from './AutoPromoter';
import { Effects } from './Effects';
import { EventSourcedPromotions } from './EventSourcedPromotions';
import { FactsGatherer } from './FactsGatherer';
import { PlanPromotion } from './PlanPromotion';
import { PromotionLeases } from './PromotionLeases';
import { PromotionRequests } from './PromotionRequests';
import type { Promotions } from './Promotions';
import { PromotionStore } from './PromotionStore';
import { PromotionWorker, type Announce } from './PromotionWorker';
import { ServiceSituations } from './ServiceSituation';
import { StageObservations } from './StageObservations';
import { StageObserver } from './StageObserver';

export interface PromotionEngineOptions {
  /** Migrated to the newest version. */
  readonly database: Knex;
  readonly clusters: Clusters;
  readonly fleet: FleetRepositories;
  readonly pipelines: Pipelines;
  readonly releases: Releases;
  readonly actors: Actors;
  /** The devices of the clusters; gates that ask for their health stay closed when left out. */
  readonly devices?: DeviceReader;
  /** Where canaries are measured. */
  readonly metrics: CanaryMetrics;
  readonly clock: Clock;
  readonly logger: LoggerService;
  /** Tells people; may be called again for the same events after a crash or a failure. */
  readonly announce?: Announce;
  /** Called around every effect and append; tests of crashes stop the process there. */
  readonly onEffect?: (point: EffectPoint) => Promise<void> | void;
}

/** Promotions and rollbacks with everything that moves them. */
export interface PromotionEngine {
  readonly promotions: Promotions;
  readonly rollbacks: Rollbacks;
  readonly log: EventLog;
  readonly store: PromotionStore;
  readonly waves: WaveStore;
  readonly drills: DrillStore;
  /** Something happened that promotions may wait for. */
  wake(what: Wake): void;
  readonly keys: IdempotencyKeys;
  /** What runs in which stage and what was seen there. */
  readonly observer: StageObserver;
  /** What canaries do, how they compare, and what their engines are answered. */
  readonly canaries: {
    readonly analyst: CanaryAnalyst;
    readonly gates: CanaryGates;
    readonly words: EngineWords;
  };
  start(): void;
  /** Takes up nothing new and resolves when what is under way has ended. */
  stop(): Promise<void>;
}

/** How often the heads of the log are sealed. */
const SEAL_EVERY = 5 * 60_000;

/** Wires the engine together; nothing runs before `start`. */
export function createPromotionEngine(
  options: PromotionEngineOptions,
): PromotionEngine {
  const { database, clock, clusters, pipelines, releases, logger } = options;
  const newId = () => randomUUID();
  const log = new DatabaseEventLog({ database, clock });
  const leases = new PromotionLeases({ database, clock, newTicket: newId });
  const store = new PromotionStore({ database, log, leases, clock });
  const kept = new StageObservations(database);
  const observer = new StageObserver({ ...options, kept });
  const samples = new CanarySamples(database);
  const analyst = new CanaryAnalyst({ ...options, samples });
  const words = new EngineWords(database);
  const waves = new WaveStore({ database, log, clock });
  const drills = new DrillStore({ database, log, clock });
  const facts = new FactsGatherer({
    ...options,
    observer,
    leases,
    analyst,
    waves,
    drills,
  });
  const situations = new ServiceSituations({
    pipelines,
    releases,
    observer,
    store,
  });
  const planner = new PlanPromotion({ ...options, situations });
  const deciders = { store, situations, releases, planner, clock, newId };
  const requests = new PromotionRequests(deciders);
  const promotions = new EventSourcedPromotions({
    ...deciders,
    requests,
    facts,
    clusters,
  });
  const rollbacks = new EventSourcedRollbacks({
    ...deciders,
    canaries: new RollbackCanaries(options),
  });
  const worker = new PromotionWorker({
    ...options,
    store,
    leases,
    facts,
    effects: new Effects(options),
    random: Math.random,
  });
  const automatic = new AutoPromoter({
    pipelines,
    releases,
    store,
    observer,
    situations,
    fleet: options.fleet,
    promotions,
    logger,
  });
  const reverter = new CanaryReverter({ store, rollbacks, logger });
  const seal = () =>
    log
      .seal()
      .catch(error => logger.warn(`The log could not be sealed: ${error}`));
  const endings: (() => void)[] = [];
  let sealing: NodeJS.Timeout | undefined;
  return {
    promotions,
    rollbacks,
    log,
    store,
    waves,
    drills,
    wake: what => worker.wake(what),
    keys: new IdempotencyKeys({ database, clock }),
    observer,
    canaries: {
      analyst,
      gates: new CanaryGates({ ...options, store, analyst, words }),
      words,
    },
    start() {
      endings.push(
        clusters.subscribe(({ cluster }) =>
          worker.wake({ on: 'cluster', cluster }),
        ),
        pipelines.subscribe(() => worker.wake({ on: 'pipeline' })),
        observer.subscribe(({ stage }) => worker.wake({ on: 'stage', stage })),
        store.subscribe(() => worker.check()),
      );
      observer.start();
      worker.start();
      automatic.start();
      reverter.start();
      sealing = setInterval(seal, SEAL_EVERY);
      sealing.unref();
    },
    async stop() {
      for (const end of endings.splice(0)) end();
      clearInterval(sealing);
      await reverter.stop();
      await automatic.stop();
      await worker.stop();
      await observer.stop();
    },
  };
}
