// SPDX-License-Identifier: Apache-2.0
import { createDevApp } from '@backstage/frontend-dev-utils';
import {
  ApiBlueprint,
  createFrontendModule,
} from '@backstage/frontend-plugin-api';
import fleetPlugin, { fleetApiRef } from '../src';
import { StoryFleet } from './StoryFleet';

const sampleFleet = createFrontendModule({
  pluginId: 'fleet',
  extensions: [
    ApiBlueprint.make({
      params: defineParams =>
        defineParams({
          api: fleetApiRef,
          deps: {},
          factory: () => new StoryFleet(Date.now()),
        }),
    }),
  ],
});

createDevApp({ features: [fleetPlugin, sampleFleet] });
