// SPDX-License-Identifier: Apache-2.0
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  AuthService,
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import { ScmIntegrations } from '@backstage/integration';
import { createKustomize } from '@causeway/kustomize';
import type {
  ClusterAccess,
  ProgressiveEngine,
} from '@causeway/plugin-delivery-node';
import type { ActOnCluster } from './clusters/ActingCluster';
import type { Clusters } from './clusters/Clusters';
import type { DrillExecutor } from './drills/DrillExecutor';
import { JobFaults } from './drills/devices/JobFaults';
import { readDrillConfig } from './drills/devices/readDrillConfig';
import { SimulatedFaults } from './drills/simulator/SimulatedFaults';
import { DeviceFleet } from './fleet/DeviceFleet';
import { readDeviceConfig } from './fleet/readDeviceConfig';
import { PortalClusters } from './clusters/PortalClusters';
import type { FleetRepositories } from './gitops/FleetRepositories';
import { GitFleetRepositories } from './gitops/GitFleetRepositories';
import { ServiceRepositories } from './gitops/ServiceRepositories';

/** The world that delivery works on. */
export interface Outside {
  readonly clusters: Clusters;
  /** The devices of the clusters; none when left out. */
  readonly devices?: DeviceFleet;
  /** A cluster to act on its devices; actions wait when left out. */
  readonly actOn?: ActOnCluster;
  /** Who brings faults about on devices; drills are refused when left out. */
  readonly drillExecutors?: readonly DrillExecutor[];
  readonly fleet: FleetRepositories;
  readonly serviceRepositories: Pick<ServiceRepositories, 'commitsBetween'>;
  start(): void;
  stop(): Promise<void>;
}

/** The portal's clusters and, by the `git` program, its repositories. */
export function connectOutside(services: {
  readonly access: ClusterAccess;
  readonly auth: AuthService;
  readonly config: RootConfigService;
  readonly logger: LoggerService;
  /** What may give new versions their traffic; the first that knows a workload counts. */
  readonly engines: readonly ProgressiveEngine[];
}): Outside {
  const { config } = services;
  const integrations = ScmIntegrations.fromConfig(config);
  const devices = new DeviceFleet({
    clock: () => new Date(),
    ...readDeviceConfig(config, integrations),
  });
  const clusters = PortalClusters.fromConfig(config, {
    ...services,
    guest: devices,
  });
  const actOn = clusters.actOn.bind(clusters);
  const kustomize = createKustomize();
  const dataDirectory =
    config.getOptionalString('delivery.dataDirectory') ??
    join(tmpdir(), 'causeway-delivery');
  return {
    clusters,
    devices,
    actOn,
    drillExecutors: drillExecutors(config, actOn),
    fleet: new GitFleetRepositories({
      directory: join(dataDirectory, 'repositories'),
      integrations,
      render: (input, options) => kustomize.build(input, options),
    }),
    serviceRepositories: new ServiceRepositories({
      directory: join(dataDirectory, 'histories'),
      integrations,
    }),
    start: () => clusters.start(),
    async stop() {
      await clusters.stop();
      await kustomize.dispose();
    },
  };
}

/** Jobs for the clusters that the configuration names, and the simulator for all others, where there is one. */
function drillExecutors(
  config: RootConfigService,
  actOn: ActOnCluster,
): readonly DrillExecutor[] {
  const jobs = readDrillConfig(config);
  const simulated = SimulatedFaults.fromConfig(config);
  return [
    ...(jobs
      ? [new JobFaults({ config: jobs, actOn, clock: () => new Date() })]
      : []),
    ...(simulated ? [simulated] : []),
  ];
}
