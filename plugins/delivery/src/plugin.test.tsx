// SPDX-License-Identifier: Apache-2.0
import type { Entity } from '@backstage/catalog-model';
import { fetchApiRef } from '@backstage/frontend-plugin-api';
import {
  createExtensionTester,
  renderTestApp,
} from '@backstage/frontend-test-utils';
import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import { screen } from '@testing-library/react';
import { StoryClient } from '../dev/StoryClient';
import { deliveryApiRef } from './api/deliveryApi';
import deliveryPlugin from './index';

const service: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'parcel-vision',
    namespace: 'default',
    annotations: { 'causeway.dev/pipeline': './delivery.yaml' },
  },
};

describe('the delivery plugin', () => {
  it('shows its tab on entities that say where their pipeline document is, and only there', () => {
    const content = createExtensionTester(
      deliveryPlugin.getExtension('entity-content:delivery/pipeline'),
    );
    const isShown = content.get(EntityContentBlueprint.dataRefs.filterFunction);
    expect(isShown?.(service)).toBe(true);
    expect(isShown?.({ ...service, metadata: { name: 'other' } })).toBe(false);
    expect(content.get(EntityContentBlueprint.dataRefs.group)).toBe(
      'deployment',
    );
  });

  it('shows the pipeline of the entity in its page, with the runtime of the plugin', async () => {
    renderTestApp({
      features: [deliveryPlugin],
      extensions: [createTestEntityPage({ entity: service })],
      apis: [[deliveryApiRef, new StoryClient(Date.now())]],
    });
    expect(
      await screen.findByText(
        '2.8.1 waits for your approval to enter Cloud production.',
      ),
    ).toBeVisible();
  });

  it('reads from the delivery backend through the fetch of the portal', async () => {
    const asked: string[] = [];
    renderTestApp({
      features: [deliveryPlugin],
      extensions: [createTestEntityPage({ entity: service })],
      apis: [
        [
          fetchApiRef,
          {
            fetch: async (input: RequestInfo | URL) => {
              asked.push(input instanceof Request ? input.url : String(input));
              return new Response(
                JSON.stringify({
                  error: {
                    name: 'NotFoundError',
                    message: 'No such pipeline.',
                  },
                  response: { statusCode: 404 },
                }),
                {
                  status: 404,
                  headers: { 'Content-Type': 'application/json' },
                },
              );
            },
          },
        ],
      ],
    });
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'No such pipeline.',
    );
    expect(asked[0]).toBe(
      'plugin://delivery/pipelines/default/component/parcel-vision',
    );
  });
});
