// SPDX-License-Identifier: Apache-2.0
import type { Entity } from '@backstage/catalog-model';
import { InMemoryCatalogClient } from '@backstage/catalog-client/testUtils';
import { createDevApp } from '@backstage/frontend-dev-utils';
import {
  createFrontendModule,
  ApiBlueprint,
} from '@backstage/frontend-plugin-api';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import deliveryPlugin, { deliveryApiRef } from '../src';
import { StoryClient } from './StoryClient';

const person = (name: string, displayName: string): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'User',
  metadata: { name, namespace: 'default' },
  spec: { profile: { displayName }, memberOf: [] },
});

const service = (name: string, owner: string): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name,
    namespace: 'default',
    annotations: { 'causeway.dev/pipeline': './delivery.yaml' },
  },
  spec: { type: 'service', lifecycle: 'production', owner },
});

const catalog = new InMemoryCatalogClient({
  entities: [
    person('mia', 'Mia Lindqvist'),
    person('jonas', 'Jonas Weber'),
    person('ines', 'Ines Duarte'),
    person('nils', 'Nils Berg'),
    service('parcel-vision', 'team-vision'),
    service('belt-control', 'team-belts'),
    service('label-api', 'team-labels'),
    service('tracking-web', 'team-tracking'),
    service('arrival-times', 'team-tracking'),
  ],
});

const sampleCatalog = createFrontendModule({
  pluginId: 'catalog',
  extensions: [
    ApiBlueprint.make({
      params: defineParams =>
        defineParams({
          api: catalogApiRef,
          deps: {},
          factory: () => catalog,
        }),
    }),
  ],
});

const sampleDelivery = createFrontendModule({
  pluginId: 'delivery',
  extensions: [
    ApiBlueprint.make({
      params: defineParams =>
        defineParams({
          api: deliveryApiRef,
          deps: {},
          factory: () => new StoryClient(Date.now()),
        }),
    }),
  ],
});

createDevApp({
  features: [catalogPlugin, deliveryPlugin, sampleCatalog, sampleDelivery],
});
