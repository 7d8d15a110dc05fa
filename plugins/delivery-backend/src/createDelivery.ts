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
  RESOURCE_TYPE_DELIVERY_STAGE,
  type ReleaseReport,
} from '@causeway/plugin-delivery-common';
import {
  stageResourceRefType,
  stageRules,
  type EffectPoint,
} from '@causeway/plugin-delivery-node';
import type { Router } from 'express';
import type { Knex } from 'knex';
import { Notifier } from './announcements/Notifier';
import { SignalPublisher } from './announcements/SignalPublisher';
import { CatalogActors } from './catalog/CatalogActors';
import { CatalogServices } from './catalog/CatalogServices';
import type { Clock } from './Clock';
import type { Clusters } from './clusters/Clusters';
import type { FleetRepositories } from './gitops/FleetRepositories';
import type { ServiceRepositories } from './gitops/ServiceRepositories';
import { Admission } from './http/Admission';
import { ApiDocument } from './http/ApiDocument';
import { createRouter } from './http/createRouter';
import { incomingHandlers } from './http/incomingHandlers';
import { operationsHandlers, type Health } from './http/operationsHandlers';
import { pipelineHandlers } from './http/pipelineHandlers';
import { promotionHandlers } from './http/promotionHandlers';
import { rollbackHandlers } from './http/rollbackHandlers';
import { loadStageResources, StagePermissions } from './http/StagePermissions';
import { CatalogPipelines } from './pipelines/CatalogPipelines';
import { createPromotionEngine } from './promotions/createPromotionEngine';
import { StageObservations } from './promotions/StageObservations';
import { DatabaseReleases } from './releases/DatabaseReleases';
import { ReleaseReports } from './releases/ReleaseReports';
import { readReleaseSecrets } from './releases/ReleaseSecrets';
import { PipelineViews } from './views/PipelineViews';
import { PlannedCommits } from './views/PlannedCommits';

/** What delivery is made of, from the portal and from outside. */
export interface DeliveryParts {
  /** Migrated to the newest version. */
  readonly database: Knex;
  readonly clusters: Clusters;
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
  const services = new CatalogServices({ ...parts, integrations });
  const pipelines = new CatalogPipelines({
    services,
    reader: parts.urlReader,
    clusters: () => {
      const known = clusters.list();
      return known.length > 0 ? known.map(({ name }) => name) : undefined;
    },
    ...(fleetLocation && { fleet: fleetLocation }),
    clock,
    logger,
  });
  const releases = new DatabaseReleases(database);
  const notifier = new Notifier({ ...parts, services });
  const engine = createPromotionEngine({
    ...parts,
    pipelines,
    releases,
    actors: new CatalogActors(parts),
    announce: (promotion, events) => notifier.announce(promotion, events),
  });
  registerPermissions(parts.permissionsRegistry, { services, pipelines });

  let state: 'resting' | 'running' = 'resting';
  const router = createHttp({
    ...parts,
    services,
    pipelines,
    releases,
    engine,
    fleetLocation,
    health: async () => (state === 'running' ? healthOf(database) : 'starting'),
  });

  const signals = new SignalPublisher({ ...parts, run: randomUUID() });
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
      engine.start();
      state = 'running';
    },
    async stop() {
      state = 'resting';
      for (const end of endings.splice(0)) end();
      signals.stop();
      await engine.stop();
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
    readonly health: () => Promise<Health>;
  },
): Router {
  const { engine, config } = parts;
  const { promotions, rollbacks } = engine;
  const document = ApiDocument.load();
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
      ...incomingHandlers({
        ...shared,
        reports,
        giteaSecret: config.getOptionalString('delivery.webhooks.gitea.secret'),
      }),
      ...operationsHandlers({ ...shared, eventLog: engine.log }),
    },
  });
}

function registerPermissions(
  registry: PermissionsRegistryService,
  from: Parameters<typeof loadStageResources>[1],
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
