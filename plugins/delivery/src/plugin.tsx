// SPDX-License-Identifier: Apache-2.0
import {
  ApiBlueprint,
  createFrontendPlugin,
  fetchApiRef,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import { PluginWrapperBlueprint } from '@backstage/frontend-plugin-api/alpha';
import {
  EntityContentBlueprint,
  EntityContextMenuItemBlueprint,
} from '@backstage/plugin-catalog-react/alpha';
import { createDeliveryClient } from '@causeway/plugin-delivery-common';
import {
  RiArrowGoBackLine,
  RiArrowRightLine,
  RiRouteLine,
} from '@remixicon/react';
import { deliveryApiRef } from './api/deliveryApi';
import { hasPipeline } from '@causeway/plugin-delivery-react';
import { usePromoteItem, useRollBackItem } from './pipeline/contextMenu';
import {
  deliveryRouteRef,
  entityRouteRef,
  pipelineRouteRef,
  waveRouteRef,
} from './routes';

const deliveryApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: deliveryApiRef,
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
      loader: () => import('./data/wrapper').then(m => m.deliveryWrapper),
    }),
});

const pipelineContent = EntityContentBlueprint.make({
  name: 'pipeline',
  params: {
    path: '/pipeline',
    title: 'Pipeline',
    group: 'deployment',
    icon: <RiRouteLine />,
    routeRef: pipelineRouteRef,
    filter: hasPipeline,
    loader: () => import('./pipeline/PipelineTab').then(m => <m.PipelineTab />),
  },
});

const promoteMenuItem = EntityContextMenuItemBlueprint.make({
  name: 'promote',
  params: {
    icon: <RiArrowRightLine size={16} />,
    useProps: usePromoteItem,
    filter: hasPipeline,
  },
});

const rollBackMenuItem = EntityContextMenuItemBlueprint.make({
  name: 'roll-back',
  params: {
    icon: <RiArrowGoBackLine size={16} />,
    useProps: useRollBackItem,
    filter: hasPipeline,
  },
});

const deliveryPage = PageBlueprint.make({
  params: {
    path: '/delivery',
    title: 'Delivery',
    icon: <RiRouteLine />,
    routeRef: deliveryRouteRef,
    loader: () =>
      import('./approvals/DeliveryPage').then(m => <m.DeliveryPage />),
  },
});

/**
 * The delivery pages: the Pipeline tab of services, the page of what waits for approval, and the
 * menu items that open the promote and roll back dialogs.
 *
 * @public
 */
export const deliveryPlugin = createFrontendPlugin({
  pluginId: 'delivery',
  title: 'Delivery',
  icon: <RiRouteLine />,
  info: { packageJson: () => import('../package.json') },
  routes: { delivery: deliveryRouteRef, pipeline: pipelineRouteRef },
  externalRoutes: { entity: entityRouteRef, wave: waveRouteRef },
  extensions: [
    deliveryApi,
    wrapper,
    pipelineContent,
    promoteMenuItem,
    rollBackMenuItem,
    deliveryPage,
  ],
});
