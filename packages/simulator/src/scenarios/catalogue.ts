// SPDX-License-Identifier: Apache-2.0
import { ciScenarios } from './ciScenarios';
import { clusterScenarios } from './clusterScenarios';
import { deviceScenarios } from './deviceScenarios';
import { forgeScenarios } from './forgeScenarios';
import { releaseScenarios } from './releaseScenarios';
import type { Scenario } from './Scenario';
import { trafficScenarios } from './trafficScenarios';

/** Every scenario there is, in the order in which people read them. A world offers those it has everything for. */
export const allScenarios: readonly Scenario[] = [
  ...releaseScenarios,
  ...ciScenarios,
  ...trafficScenarios,
  ...deviceScenarios,
  ...clusterScenarios,
  ...forgeScenarios,
];
