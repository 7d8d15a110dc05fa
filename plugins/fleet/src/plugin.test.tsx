// SPDX-License-Identifier: Apache-2.0
import { renderTestApp } from '@backstage/frontend-test-utils';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import { screen } from '@testing-library/react';
import { StoryFleet } from '../dev/StoryFleet';
import { fleetApiRef } from './api/fleetApi';
import fleetPlugin from './index';

const service = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'parcel-vision',
    namespace: 'default',
    annotations: { 'causeway.dev/pipeline': './delivery.yaml' },
  },
};

describe('the fleet plugin', () => {
  it.each([
    ['/fleet', '14 devices at 7 sites'],
    ['/fleet/sites/edge-production/milan', 'Show on the map'],
    ['/fleet/devices/edge-production/milan-jetson-01', 'Time line'],
  ])('has a page at %s', async (path, said) => {
    renderTestApp({
      features: [fleetPlugin],
      initialRouteEntries: [path],
      apis: [[fleetApiRef, new StoryFleet(Date.now())]],
    });
    expect(await screen.findByText(said)).toBeVisible();
  });

  it('shows where a service runs in the page of its entity', async () => {
    renderTestApp({
      features: [fleetPlugin],
      extensions: [createTestEntityPage({ entity: service })],
      apis: [[fleetApiRef, new StoryFleet(Date.now())]],
    });
    expect(
      await screen.findByText('7 devices run it at 6 sites.'),
    ).toBeVisible();
  });
});
