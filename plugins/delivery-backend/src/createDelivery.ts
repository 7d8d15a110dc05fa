// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type {
  AuditorService,
  AuthService,
  HttpAuthService,
  LoggerService,
  PermissionsRegistryService,
  PermissionsService,
  RootConfigService,
  UrlReaderService,
} from '@backstage/backend-plugin-api';
import { ScmIntegrations } from '@backstage/integration';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { SignalsService } from '@backstage/plugin-signals-node';
import {
  deliveryPermissions,
  fleetPermissions,
  RESOURCE_TYPE_DELIVERY_STAGE,
  type ReleaseReport,
} from '@causeway/plugin-delivery-common';
import {
  deviceResourceRefType,
  deviceRules,
  stageResourceRefType,
  stageRules,
  type DeviceActionExecutor,
  type EffectPoint,
} from '@causeway/plugin-delivery-node';
import type { Router } from 'express';
import type { Knex } from 'knex';
import { Notifier } from './announcements/Notifier';
import { SignalPublisher } from './announcements/SignalPublisher';
import {
  createActions,
  type DeviceActionService,
} from './actions/createActions';
import { CanaryViews } from './canary/CanaryViews';
import { CatalogActors } from './catalog/CatalogActors';
import { CatalogServices } from './catalog/CatalogServices';
import type { Clock } from './Clock';
import type { ActOnCluster } from './clusters/ActingCluster';
import type { Clusters } from './clusters/Clusters';
import { createDrills, type DrillService } from './drills/createDrills';
import type { DrillExecutor } from './drills/DrillExecutor';
import { createEvidence } from './evidence/createEvidence';
import { createFleet, type DeviceFleetService } from './fleet/createFleet';
import type { DeviceFleet } from './fleet/DeviceFleet';
import { readDeviceConfig } from './fleet/readDeviceConfig';
import type { FleetRepositories } from './gitops/FleetRepositories';
import type { ServiceRepositories } from './gitops/ServiceRepositories';
import { Admission } from './http/Admission';
import { actionHandlers } from './http/actionHandlers';
import { ApiDocument } from './http/ApiDocument';
import { canaryHandlers } from './http/canaryHandlers';
import { createRouter } from './http/createRouter';
import {
  DevicePermissions,
  loadDeviceResources,
} from './http/DevicePermissions';
import { drillHandlers } from './http/drillHandlers';
import { evidenceHandlers } from './http/evidenceHandlers';
import { fleetHandlers } from './http/fleetHandlers';
import { incomingHandlers } from './http/incomingHandlers';
import { operationsHandlers, type Health } from './http/operationsHandlers';
import { pipelineHandlers } from './http/pipelineHandlers';
import { promotionHandlers } from './http/promotionHandlers';
import { rollbackHandlers } from './http/rollbackHandlers';
import { twinHandlers } from './http/twinHandlers';
import { loadStageResources, StagePermissions } from './http/StagePermissions';
import { waveHandlers } from './http/waveHandlers';
import { createCanaryMetrics } from './monitoring/createCanaryMetrics';
import { CatalogPipelines } from './pipelines/CatalogPipelines';
import { createPromotionEngine } from './promotions/createPromotionEngine';
import { StageObservations } from './promotions/StageObservations';
import { DatabaseReleases } from './releases/DatabaseReleases';
import { ReleaseReports } from './releases/ReleaseReports';
import { readReleaseSecrets } from '@causeway/plugin-delivery-node';
import { PipelineViews } from './views/PipelineViews';
import { createWaves, type Waves } from './waves/createWaves';
import {
  readProbeConfig,
  type ConfiguredProbes,
} from './waves/probes/readProbeConfig';
import type { WaveStep } from './waves/WaveSteps';
import { PlannedCommits } from './views/PlannedCommits';

/** What delivery is made of, from the portal and from outside. */
export interface DeliveryParts {
  /** Migrated to the newest version. */
  readonly database: Knex;
  readonly clusters: Clusters;
  /** The devices of the clusters; none when left out. */
  readonly devices?: DeviceFleet;
  /** A cluster to act on its devices; actions wait when left out. */
  readonly actOn?: ActOnCluster;
  /** Kinds of actions on devices that modules bring. */
  readonly executors?: readonly DeviceActionExecutor[];
  /** Who brings faults about on devices; drills are refused when left out. */
  readonly drillExecutors?: readonly DrillExecutor[];
  readonly fleet: FleetRepositories;
  readonly serviceRepositories: Pick<ServiceRepositories, 'commitsBetween'>;
  readonly catalog: CatalogService;
  readonly auth: AuthService;
  readonly httpAuth: HttpAuthService;
  readonly permissions: PermissionsService;
  readonly permissionsRegistry: PermissionsRegistryService;
  readonly auditor: AuditorService;
  readonly urlReader: UrlReaderService;
  readonly signals: SignalsService;
  readonly notifications: NotificationService;
  readonly config: RootConfigService;
  readonly logger: LoggerService;
  readonly clock: Clock;
  /** Called around every effect; tests of crashes stop the process there. */
  readonly onEffect?: (point: EffectPoint) => Promise<void> | void;
  /** The same around the steps of waves. */
  readonly onWaveStep?: (step: WaveStep) => Promise<void> | void;
}

/** Delivery, wired and at rest until `start`. */
export interface Delivery {
  readonly router: Router;
  /** Looks for new pipelines and reads those that are due. */
  refreshPipelines(): Promise<void>;
  start(): void;
  /** Takes up nothing new and resolves when what is under way has ended. */
  stop(): Promise<void>;
}

/** Wires delivery together: stores, clusters, Git, the promotion engine and the HTTP API. */
export function createDelivery(parts: DeliveryParts): Delivery {
  const { database, clusters, config, logger, clock } = parts;
  const integrations = ScmIntegrations.fromConfig(config);
  const fleetLocation = readFleet(config);
  const probes = readProbeConfig(config);
  const services = new CatalogServices({ ...parts, integrations });
  const pipelines = new CatalogPipelines({
    services,
    reader: parts.urlReader,
    clusters: () => {
      const known = clusters.list();
      return known.length > 0 ? known.map(({ name }) => name) : undefined;
    },
    probes: [...probes.keys()],
    ...(fleetLocation && { fleet: fleetLocation }),
    clock,
    logger,
  });
  const releases = new DatabaseReleases(database);
  const notifier = new Notifier({ ...parts, services });
  const actors = new CatalogActors(parts);
  const engine = createPromotionEngine({
    ...parts,
    pipelines,
    releases,
    actors,
    metrics: createCanaryMetrics(parts),
    announce: (promotion, events) => notifier.announce(promotion, events),
  });
  const run = randomUUID();
  const signals = new SignalPublisher({ ...parts, run });
  const waves = createWaves({
    ...parts,
    engine,
    actors,
    probes,
    changed: ({ service }) => signals.changed(service),
  });
  const fleetService = createFleet({ ...parts, integrations, pipelines, run });
  const actionService = createActions({
    ...parts,
    log: engine.log,
    devices: fleetService.reader,
    fleet: parts.devices,
    run,
  });
  const drillService = createDrills({
    ...parts,
    store: engine.drills,
    fleet: fleetService.reader,
    hardware: readDeviceConfig(config, integrations).hardware,
    pipelines,
    releases,
    executors: parts.drillExecutors ?? [],
    run,
    changed: ({ order }) => {
      engine.wake({ on: 'stage', stage: order.stage });
      signals.changed(order.service);
    },
  });
  registerPermissions(parts.permissionsRegistry, {
    services,
    pipelines,
    fleet: fleetService.reader,
  });

  let state: 'resting' | 'running' = 'resting';
  const router = createHttp({
    ...parts,
    services,
    pipelines,
    releases,
    engine,
    fleetLocation,
    probes,
    fleetService,
    actionService,
    drillService,
    waves,
    health: async () => (state === 'running' ? healthOf(database) : 'starting'),
  });

  const endings: (() => void)[] = [];
  return {
    router,
    refreshPipelines: () => pipelines.refreshDue(),
    start() {
      endings.push(
        clusters.subscribe(() => signals.changed()),
        pipelines.subscribe(({ service }) => signals.changed(service)),
        releases.subscribe(({ service }) => signals.changed(service)),
        engine.promotions.subscribe(({ promotion }) =>
          signals.changed(promotion.service),
        ),
        engine.observer.subscribe(({ service }) => signals.changed(service)),
      );
      fleetService.start();
      actionService.start();
      drillService.start();
      engine.start();
      waves.start();
      state = 'running';
    },
    async stop() {
      state = 'resting';
      for (const end of endings.splice(0)) end();
      signals.stop();
      await actionService.stop();
      await drillService.stop();
      await waves.stop();
      await Promise.all([engine.stop(), fleetService.stop()]);
    },
  };
}

function createHttp(
  parts: DeliveryParts & {
    readonly services: CatalogServices;
    readonly pipelines: CatalogPipelines;
    readonly releases: DatabaseReleases;
    readonly engine: ReturnType<typeof createPromotionEngine>;
    readonly fleetLocation?: {
      readonly repository: string;
      readonly branch: string;
    };
    readonly probes: ConfiguredProbes;
    readonly fleetService: DeviceFleetService;
    readonly actionService: DeviceActionService;
    readonly drillService: DrillService;
    readonly waves: Waves;
    readonly health: () => Promise<Health>;
  },
): Router {
  const { engine, config } = parts;
  const { promotions, rollbacks } = engine;
  const document = ApiDocument.load();
  const devicePermissions = new DevicePermissions(parts.permissionsRegistry);
  const stagePermissions = new StagePermissions(
    parts.permissions,
    parts.permissionsRegistry,
  );
  const admission = new Admission({
    ...parts,
    stagePermissions,
    idempotencyKeys: engine.keys,
  });
  const shared = {
    ...parts,
    admission,
    stagePermissions,
    promotions,
    rollbacks,
  };
  const reports = new ReleaseReports({
    ...parts,
    secrets: readReleaseSecrets(config),
    validate: value => {
      const problems = document.validate('ReleaseReport', value);
      return problems.length > 0
        ? { problems: problems.map(problem => ({ ...problem })) }
        : // The document was just used to check exactly what the type says.
          { value: value as ReleaseReport };
    },
    newId: randomUUID,
  });
  return createRouter({
    document,
    logger: parts.logger,
    handlers: {
      ...pipelineHandlers({
        ...shared,
        views: new PipelineViews({
          ...shared,
          observations: new StageObservations(parts.database),
        }),
      }),
      ...promotionHandlers({
        ...shared,
        plannedCommits: new PlannedCommits({
          services: parts.services,
          repositories: parts.serviceRepositories,
        }),
      }),
      ...rollbackHandlers(shared),
      ...canaryHandlers({
        ...shared,
        canaryViews: new CanaryViews({ ...shared, ...engine.canaries }),
        canaryGates: engine.canaries.gates,
        canarySecret: config.getOptionalString('delivery.canaries.secret'),
      }),
      ...incomingHandlers({
        ...shared,
        reports,
        giteaSecret: config.getOptionalString('delivery.webhooks.gitea.secret'),
      }),
      ...fleetHandlers({
        ...shared,
        devicePermissions,
        fleetViews: parts.fleetService.views,
      }),
      ...twinHandlers({
        ...shared,
        devicePermissions,
        devices: parts.fleetService.reader,
        twins: parts.fleetService.twins,
      }),
      ...actionHandlers({
        ...shared,
        devicePermissions,
        actions: parts.actionService.actions,
        actionViews: parts.actionService.views,
      }),
      ...drillHandlers({
        ...shared,
        devicePermissions,
        drills: parts.drillService.drills,
        drillViews: parts.drillService.views,
      }),
      ...waveHandlers({
        ...shared,
        store: engine.store,
        waves: engine.waves,
        waveViews: parts.waves.views,
      }),
      ...evidenceHandlers({ ...shared, ...createEvidence(parts) }),
      ...operationsHandlers({ ...shared, eventLog: engine.log }),
    },
  });
}

function registerPermissions(
  registry: PermissionsRegistryService,
  from: Parameters<typeof loadStageResources>[1] & {
    readonly fleet: Parameters<typeof loadDeviceResources>[1];
  },
): void {
  registry.addResourceType({
    resourceRef: stageResourceRefType,
    permissions: deliveryPermissions.filter(
      permission =>
        permission.type === 'resource' &&
        permission.resourceType === RESOURCE_TYPE_DELIVERY_STAGE,
    ),
    rules: Object.values(stageRules),
    getResources: references => loadStageResources(references, from),
  });
  registry.addResourceType({
    resourceRef: deviceResourceRefType,
    permissions: fleetPermissions,
    rules: Object.values(deviceRules),
    getResources: ids => loadDeviceResources(ids, from.fleet),
  });
  registry.addPermissions(
    deliveryPermissions.filter(permission => permission.type === 'basic'),
  );
}

async function healthOf(database: Knex): Promise<Health> {
  try {
    await database.raw('select 1');
    return 'ok';
  } catch {
    // Whoever probes learns that it fails; the cause is in the log of the database service.
    return 'failing';
  }
}

function readFleet(
  config: RootConfigService,
): { readonly repository: string; readonly branch: string } | undefined {
  const fleet = config.getOptionalConfig('delivery.fleet');
  return (
    fleet && {
      repository: fleet.getString('repository'),
      branch: fleet.getOptionalString('branch') ?? 'main',
    }
  );
}
