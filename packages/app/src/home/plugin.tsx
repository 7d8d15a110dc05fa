// SPDX-License-Identifier: Apache-2.0
import {
  createFrontendPlugin,
  createRouteRef,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import { RiHome4Line } from '@remixicon/react';

const homeRouteRef = createRouteRef();

/** The page that greets people after they signed in. */
export const homePlugin = createFrontendPlugin({
  pluginId: 'home',
  title: 'Home',
  icon: <RiHome4Line />,
  routes: { root: homeRouteRef },
  extensions: [
    PageBlueprint.make({
      params: {
        path: '/',
        routeRef: homeRouteRef,
        title: 'Home',
        icon: <RiHome4Line />,
        loader: async () => {
          const { HomePage } = await import('./HomePage');
          return <HomePage />;
        },
      },
    }),
  ],
});
