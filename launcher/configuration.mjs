// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { repository } from './folders.mjs';
import { configurationOfClusters } from './simulatedClusters.mjs';

const LOCAL = 'app-config.local.yaml';

const WHAT_TO_CONFIGURE = `Write ${LOCAL} beside app-config.yaml with your clusters (kubernetes.clusterLocatorMethods), your fleet repository (delivery.fleet.repository) and the services (catalog.locations); docs/production.md shows each. Or leave EDGE_SIMULATION_MODE out to have simulated ones.`;

/**
 * The configuration files of the embedded default, the last one wins. Packages must be installed:
 * with real clusters the local file is read.
 */
export function configurationFiles(settings) {
  const own = join(repository, 'app-config.yaml');
  if (settings.flags.simulation) {
    const simulated = join(repository, 'app-config.simulation.yaml');
    return [own, simulated, ...configurationOfClusters(simulated, settings)];
  }
  const local = join(repository, LOCAL);
  requireClusters(local);
  return [own, local];
}

/** Fails with a sentence when the file names no clusters of one's own. */
export function requireClusters(file) {
  if (!existsSync(file)) {
    throw new Failure(
      `EDGE_SIMULATION_MODE=false means your own clusters only, and none is configured. ${WHAT_TO_CONFIGURE}`,
    );
  }
  const missing = missingIn(readFileSync(file, 'utf8'));
  if (missing.length > 0) {
    throw new Failure(
      `EDGE_SIMULATION_MODE=false means your own clusters only, and ${LOCAL} has no ${missing.join(
        ' and no ',
      )}. ${WHAT_TO_CONFIGURE}`,
    );
  }
}

function missingIn(text) {
  const { parse } = createRequire(join(repository, 'package.json'))('yaml');
  let configuration;
  try {
    configuration = parse(text) ?? {};
  } catch (error) {
    throw new Failure(`${LOCAL} cannot be read: ${error.message}`);
  }
  const { kubernetes, delivery } = configuration;
  return [
    ...(kubernetes?.clusterLocatorMethods?.length > 0
      ? []
      : ['kubernetes.clusterLocatorMethods']),
    ...(delivery?.fleet?.repository ? [] : ['delivery.fleet.repository']),
  ];
}
