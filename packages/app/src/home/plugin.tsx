// SPDX-License-Identifier: Apache-2.0
import {
  createFrontendPlugin,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import { RiHome4Line } from '@remixicon/react';

/** The page that greets people after they signed in. */
export const homePlugin = createFrontendPlugin({
  pluginId: 'home',
  title: 'Home',
  icon: <RiHome4Line />,
  extensions: [
    PageBlueprint.make({
      params: {
        path: '/',
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
