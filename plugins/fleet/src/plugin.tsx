// SPDX-License-Identifier: Apache-2.0
import {
  ApiBlueprint,
  createFrontendPlugin,
  fetchApiRef,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import { PluginWrapperBlueprint } from '@backstage/frontend-plugin-api/alpha';
import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { FormFieldBlueprint } from '@backstage/plugin-scaffolder-react/alpha';
import { createDeliveryClient } from '@causeway/plugin-delivery-common';
import { hasPipeline } from '@causeway/plugin-delivery-react';
import { RiCpuLine } from '@remixicon/react';
import { actionsApiRef } from './actions/actionsApi';
import { fleetApiRef } from './api/fleetApi';
import { drillApiRef } from './drills/drillApi';
import {
  actionRouteRef,
  actionsRouteRef,
  deviceRouteRef,
  drillRouteRef,
  drillsRouteRef,
  edgeRouteRef,
  fleetRouteRef,
  siteRouteRef,
  waveRouteRef,
  wavesRouteRef,
} from './routes';
import { waveApiRef } from './waves/waveApi';

const fleetApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: fleetApiRef,
      deps: { fetchApi: fetchApiRef },
      factory: ({ fetchApi }) =>
        createDeliveryClient({
          baseUrl: 'plugin://delivery',
          fetch: fetchApi.fetch,
        }),
    }),
});

const actionsApi = ApiBlueprint.make({
  name: 'actions',
  params: defineParams =>
    defineParams({
      api: actionsApiRef,
      deps: { fetchApi: fetchApiRef },
      factory: ({ fetchApi }) =>
        createDeliveryClient({
          baseUrl: 'plugin://delivery',
          fetch: fetchApi.fetch,
        }),
    }),
});

const waveApi = ApiBlueprint.make({
  name: 'waves',
  params: defineParams =>
    defineParams({
      api: waveApiRef,
      deps: { fetchApi: fetchApiRef },
      factory: ({ fetchApi }) =>
        createDeliveryClient({
          baseUrl: 'plugin://delivery',
          fetch: fetchApi.fetch,
        }),
    }),
});

const drillApi = ApiBlueprint.make({
  name: 'drills',
  params: defineParams =>
    defineParams({
      api: drillApiRef,
      deps: { fetchApi: fetchApiRef },
      factory: ({ fetchApi }) =>
        createDeliveryClient({
          baseUrl: 'plugin://delivery',
          fetch: fetchApi.fetch,
        }),
    }),
});

const wrapper = PluginWrapperBlueprint.make({
  params: defineParams =>
    defineParams({
      loader: () => import('./data/wrapper').then(m => m.fleetWrapper),
    }),
});

const fleetPage = PageBlueprint.make({
  params: {
    path: '/fleet',
    title: 'Fleet',
    icon: <RiCpuLine />,
    routeRef: fleetRouteRef,
    loader: () => import('./FleetRoutes').then(m => <m.FleetRoutes />),
  },
});

const edgeContent = EntityContentBlueprint.make({
  name: 'edge',
  params: {
    path: '/edge',
    title: 'Edge',
    group: 'deployment',
    icon: <RiCpuLine />,
    routeRef: edgeRouteRef,
    filter: hasPipeline,
    loader: () => import('./service/EdgeTab').then(m => <m.EdgeTab />),
  },
});

const hardwareFormField = FormFieldBlueprint.make({
  name: 'hardware',
  params: {
    field: () =>
      import('./formFields/hardwareField').then(m => m.hardwareField),
  },
});

const siteFormField = FormFieldBlueprint.make({
  name: 'site',
  params: {
    field: () => import('./formFields/siteField').then(m => m.siteField),
  },
});

/**
 * The fleet pages: every site and device on a map and in a table, the page of each, the Edge tab of
 * services, and the fields of templates for kinds of device and for sites.
 *
 * @public
 */
export const fleetPlugin = createFrontendPlugin({
  pluginId: 'fleet',
  title: 'Fleet',
  icon: <RiCpuLine />,
  info: { packageJson: () => import('../package.json') },
  routes: {
    fleet: fleetRouteRef,
    site: siteRouteRef,
    device: deviceRouteRef,
    actions: actionsRouteRef,
    action: actionRouteRef,
    waves: wavesRouteRef,
    wave: waveRouteRef,
    drills: drillsRouteRef,
    drill: drillRouteRef,
    edge: edgeRouteRef,
  },
  extensions: [
    fleetApi,
    actionsApi,
    waveApi,
    drillApi,
    wrapper,
    fleetPage,
    edgeContent,
    hardwareFormField,
    siteFormField,
  ],
});
