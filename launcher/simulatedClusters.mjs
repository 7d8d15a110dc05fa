// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { repository } from './folders.mjs';

/** The clusters of a simulated world that nobody asked to be larger. */
export const usualClusters = 4;

/** How many clusters the simulated world has, by `CAUSEWAY_SIMULATION_CLUSTERS`. */
export function countOfClusters(environment) {
  const given = environment.CAUSEWAY_SIMULATION_CLUSTERS;
  const count = Number(given || usualClusters);
  if (!Number.isInteger(count) || count < usualClusters) {
    throw new Failure(
      `CAUSEWAY_SIMULATION_CLUSTERS must be a whole number from ${usualClusters}, not ${given}.`,
    );
  }
  return count;
}

/**
 * Writes the configuration of a portal on a world with more than the usual clusters: those beyond
 * are reached as the last of `app-config.simulation.yaml` is, each on the next port.
 * @returns the files to read after `file`
 */
export function configurationOfClusters(file, { data, clusterPorts }) {
  if (clusterPorts.length === usualClusters) {
    return [];
  }
  const { parse, stringify } = createRequire(join(repository, 'package.json'))(
    'yaml',
  );
  const { kubernetes } = parse(readFileSync(file, 'utf8'));
  const [{ type, clusters }] = kubernetes.clusterLocatorMethods;
  const last = clusters[clusters.length - 1];
  const further = clusterPorts.slice(usualClusters).map((port, index) => ({
    ...last,
    name: `${last.name}-${index + 2}`,
    title: `${last.title} ${index + 2}`,
    url: `https://127.0.0.1:${port}`,
  }));
  const written = join(data, 'simulated-clusters.yaml');
  writeFileSync(
    written,
    stringify({
      kubernetes: {
        clusterLocatorMethods: [{ type, clusters: [...clusters, ...further] }],
      },
    }),
  );
  return [written];
}
