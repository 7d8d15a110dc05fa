// SPDX-License-Identifier: Apache-2.0
import { createClusterAccess } from '@causeway/plugin-delivery-node';
import { silentLogger } from '../../testing/silentLogger';
import { portalCredentials } from '../../testing/portalCredentials';
import { PortalClusters } from '../../clusters/PortalClusters';
import { DeviceFleet, type DeviceFleetOptions } from '../DeviceFleet';

/** A cluster as the portal's configuration names it. */
interface ConfiguredCluster {
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly caFile?: string;
}

/** A fleet that watches clusters as a portal does, for tests of real and simulated ones. */
export class WatchedFleet {
  private constructor(
    readonly fleet: DeviceFleet,
    readonly clusters: PortalClusters,
  ) {}

  static start(
    configured: readonly ConfiguredCluster[],
    options: DeviceFleetOptions,
  ): WatchedFleet {
    const fleet = new DeviceFleet(options);
    const access = createClusterAccess();
    access.provide({
      clusterSupplier: {
        getClusters: async () =>
          configured.map(({ name, url, caFile }) => ({
            name,
            url,
            ...(caFile && { caFile }),
            authMetadata: { 'kubernetes.io/auth-provider': 'serviceAccount' },
          })),
      },
      authStrategyMap: {
        serviceAccount: {
          getCredential: async ({ name }: { name: string }) => ({
            type: 'bearer token',
            token: configured.find(each => each.name === name)?.token ?? '',
          }),
          validateCluster: () => [],
          presentAuthMetadata: () => ({}),
        },
      },
    });
    const clusters = new PortalClusters({
      access,
      guest: fleet,
      clock: options.clock,
      credentials: async () => portalCredentials,
      logger: silentLogger,
      engines: [],
      // Time may run faster than the connections do: what is silent is not judged by it.
      watchLimits: { heartbeat: 1_000, silence: 3_600_000 },
    });
    clusters.start();
    fleet.start();
    return new WatchedFleet(fleet, clusters);
  }

  /** Resolves when something is true. */
  async until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isTrue())) {
      await new Promise(resolve => {
        setTimeout(resolve, 100);
      });
    }
  }

  async stop(): Promise<void> {
    await this.fleet.stop();
    await this.clusters.stop();
  }
}
