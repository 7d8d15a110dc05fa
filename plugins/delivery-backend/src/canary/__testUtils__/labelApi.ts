// SPDX-License-Identifier: Apache-2.0
import { ConfigReader } from '@backstage/config';
import {
  usualCanaryStrategy,
  type CanaryStrategy,
  type Pipeline,
  type Target,
} from '@causeway/plugin-delivery-common';
import { createClusterAccess } from '@causeway/plugin-delivery-node';
import type { World } from '@causeway/simulator';
import { silentLogger } from '../../testing/silentLogger';
import { portalCredentials } from '../../testing/portalCredentials';
import { PortalClusters } from '../../clusters/PortalClusters';

/** The one stage. */
export const stage = 'cloud-production';
export const service = 'component:default/label-api';
export const image = 'registry.norden.example/label-api';
/** The file that promotions change. */
export const overlay = `services/label-api/overlays/${stage}/kustomization.yaml`;
/** What only the simulated world and its portal know. */
export const secrets = {
  clusterToken: 'a-token-of-a-test',
  forgePassword: 'forge',
};
/** What keys of clusters are made of. */
export const secret = 'what-the-keys-are-made-of';

/** Where the service runs. */
export const target: Target = {
  cluster: stage,
  path: `services/label-api/overlays/${stage}`,
  kustomization: { namespace: 'flux-system', name: 'label-api' },
  workload: { kind: 'Deployment', namespace: 'sorting', name: 'label-api' },
};

/** The stage with what its document says of canaries. */
export function stagesWith(
  strategy: Partial<CanaryStrategy>,
): Pipeline['stages'] {
  return [
    {
      name: stage,
      title: stage,
      kind: 'cloud',
      after: [],
      promotion: 'manual',
      gates: [],
      targets: [target],
      strategy: { ...usualCanaryStrategy, ...strategy },
    },
  ];
}

/** The pipeline of the service. */
export function aPipeline(forge: string, stages: Pipeline['stages']): Pipeline {
  return {
    service,
    images: [image],
    fleet: { repository: `${forge}/norden/fleet`, branch: 'main' },
    stages,
  };
}

/** What the portal is configured with. */
export function configOf(forge: string, prometheus: string): ConfigReader {
  return new ConfigReader({
    integrations: {
      gitea: [
        {
          host: new URL(forge).host,
          baseUrl: forge,
          username: 'causeway',
          password: secrets.forgePassword,
        },
      ],
    },
    delivery: { prometheus: [{ name: stage, url: prometheus }] },
  });
}

/** The portal's own view of a cluster, by real watches; its freshness is a matter of real time. */
export function portalClusters(world: World): PortalClusters {
  const access = createClusterAccess();
  const { url, caFile } = world.clusters[stage];
  const provider = 'serviceAccount';
  const authMetadata = { 'kubernetes.io/auth-provider': provider };
  access.provide({
    clusterSupplier: {
      getClusters: async () => [{ name: stage, url, caFile, authMetadata }],
    },
    authStrategyMap: {
      [provider]: {
        getCredential: async () => ({
          type: 'bearer token',
          token: secrets.clusterToken,
        }),
        validateCluster: () => [],
        presentAuthMetadata: () => ({}),
      },
    },
  });
  return new PortalClusters({
    access,
    credentials: async () => portalCredentials,
    logger: silentLogger,
    watchLimits: { missingPause: 1_000, longestMissingPause: 1_000 },
  });
}
