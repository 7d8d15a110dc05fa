// SPDX-License-Identifier: Apache-2.0
import { createApiRef } from '@backstage/frontend-plugin-api';
import type {
  ScenarioDescription,
  ScenarioRequest,
  ScenarioRun,
  SimulationView,
} from '@causeway/plugin-simulation-common';

/**
 * The simulation backend, as the page sees it. Every method rejects with an error
 * whose message is a sentence for people.
 *
 * @public
 */
export interface SimulationApi {
  /** The world at a glance, and whether the person may trouble it. */
  world(): Promise<SimulationView>;
  /** What can be started. */
  scenarios(): Promise<readonly ScenarioDescription[]>;
  /** Runs under way, newest first, then those that ended. */
  runs(): Promise<readonly ScenarioRun[]>;
  /** Starts a scenario; resolves when it has taken effect. */
  start(request: ScenarioRequest): Promise<ScenarioRun>;
  /** Resolves when everything is restored. */
  stop(id: string): Promise<ScenarioRun>;
  /** Stops every run; resolves when everything is restored. */
  stopAll(): Promise<readonly ScenarioRun[]>;
}

/**
 * Where the page reads and writes.
 *
 * @public
 */
export const simulationApiRef = createApiRef<SimulationApi>().with({
  id: 'plugin.simulation.api',
  pluginId: 'simulation',
});
