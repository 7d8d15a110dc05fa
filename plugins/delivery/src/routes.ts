// SPDX-License-Identifier: Apache-2.0
import {
  createExternalRouteRef,
  createRouteRef,
} from '@backstage/frontend-plugin-api';

/** The page with everything that waits for an approval. */
export const deliveryRouteRef = createRouteRef();

/** The Pipeline tab of an entity; resolves inside the page of that entity. */
export const pipelineRouteRef = createRouteRef();

/** The wave of a promotion, where the portal has pages of the fleet. */
export const waveRouteRef = createExternalRouteRef({
  params: ['promotion'],
  defaultTarget: 'fleet.wave',
});

/** The page of an entity, so that a list can lead to a service's pipeline. */
export const entityRouteRef = createExternalRouteRef({
  params: ['namespace', 'kind', 'name'],
  defaultTarget: 'catalog.catalogEntity',
});
