// SPDX-License-Identifier: Apache-2.0
import { labelsOf, machinesOf, planFleet } from '@causeway/simulator';
import { startCluster, type Cluster } from '@causeway/test-cluster';
import { byName, type ClusterName } from './Surroundings';

/** The four clusters of the demo, for real. */
export type RealClusters = Readonly<Record<ClusterName, Cluster>>;

/**
 * Starts four real control planes with Flux's own controllers, and the demo's machines as fake
 * nodes. When one of them fails, none is left behind.
 * @param metricsServer - address of the Prometheus of cloud production, whose Flagger asks it
 */
export async function startRealClusters(
  metricsServer: string,
): Promise<RealClusters> {
  const flagger = { metricsServer, controller: true };
  const starting = byName(name =>
    startCluster({
      name,
      flux: true,
      nodes: nodesOf(name),
      ...(name === 'cloud-production' && { flagger, argoRollouts: true }),
    }),
  );
  const outcomes = await Promise.allSettled(Object.values(starting));
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed) {
    await Promise.all(
      outcomes.map(
        outcome => outcome.status === 'fulfilled' && outcome.value.stop(),
      ),
    );
  }
  return {
    'cloud-staging': await starting['cloud-staging'],
    'cloud-production': await starting['cloud-production'],
    'edge-staging': await starting['edge-staging'],
    'edge-production': await starting['edge-production'],
  };
}

/** Real control planes with many nodes start slowly; two devices at a site show as much. */
const fleet = planFleet({ sites: 12, devices: 24 });

function nodesOf(cluster: ClusterName) {
  return machinesOf(cluster, fleet).map(machine => {
    const labels = labelsOf(machine);
    const isServer = labels['kubernetes.io/arch'] === 'amd64';
    return {
      name: machine.name,
      architecture: isServer ? ('amd64' as const) : ('arm64' as const),
      labels,
    };
  });
}
