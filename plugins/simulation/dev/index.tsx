// SPDX-License-Identifier: Apache-2.0
import { createDevApp } from '@backstage/frontend-dev-utils';
import {
  ApiBlueprint,
  createFrontendModule,
} from '@backstage/frontend-plugin-api';
import simulationPlugin, { simulationApiRef } from '../src';
import { StoryWorld } from './StoryWorld';

const sampleWorld = createFrontendModule({
  pluginId: 'simulation',
  extensions: [
    ApiBlueprint.make({
      params: defineParams =>
        defineParams({
          api: simulationApiRef,
          deps: {},
          factory: () => new StoryWorld(Date.now),
        }),
    }),
  ],
});

createDevApp({ features: [simulationPlugin, sampleWorld] });
