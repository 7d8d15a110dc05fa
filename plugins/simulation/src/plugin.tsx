// SPDX-License-Identifier: Apache-2.0
import {
  ApiBlueprint,
  createFrontendPlugin,
  createRouteRef,
  fetchApiRef,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import { RiTestTubeLine } from '@remixicon/react';
import { simulationApiRef } from './api/simulationApi';
import { SimulationClient } from './api/SimulationClient';

const simulationRouteRef = createRouteRef();

const simulationApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: simulationApiRef,
      deps: { fetchApi: fetchApiRef },
      factory: ({ fetchApi }) => new SimulationClient(fetchApi),
    }),
});

const simulationPage = PageBlueprint.make({
  params: {
    path: '/simulation',
    title: 'Simulation',
    icon: <RiTestTubeLine />,
    routeRef: simulationRouteRef,
    loader: () => import('./SimulationPage').then(m => <m.SimulationPage />),
  },
});

/**
 * The page of the simulated world: its clock and clusters, the scenarios that
 * run, and those that can be started.
 *
 * @public
 */
export const simulationPlugin = createFrontendPlugin({
  pluginId: 'simulation',
  title: 'Simulation',
  icon: <RiTestTubeLine />,
  info: { packageJson: () => import('../package.json') },
  routes: { simulation: simulationRouteRef },
  extensions: [simulationApi, simulationPage],
});
