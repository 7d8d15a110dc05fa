// SPDX-License-Identifier: Apache-2.0
import {
  createRouteRef,
  createSubRouteRef,
} from '@backstage/frontend-plugin-api';

/** The map and the table of the fleet. */
export const fleetRouteRef = createRouteRef();

/** The page of a site; a site is named in its cluster. */
export const siteRouteRef = createSubRouteRef({
  parent: fleetRouteRef,
  path: '/sites/:cluster/:site',
});

/** The page of a device; a node is named in its cluster. */
export const deviceRouteRef = createSubRouteRef({
  parent: fleetRouteRef,
  path: '/devices/:cluster/:name',
});

/** The queue of actions on devices. */
export const actionsRouteRef = createSubRouteRef({
  parent: fleetRouteRef,
  path: '/actions',
});

/** One action with its receipt. */
export const actionRouteRef = createSubRouteRef({
  parent: fleetRouteRef,
  path: '/actions/:id',
});

/** The waves that still do something. */
export const wavesRouteRef = createSubRouteRef({
  parent: fleetRouteRef,
  path: '/waves',
});

/** The wave of a promotion. */
export const waveRouteRef = createSubRouteRef({
  parent: fleetRouteRef,
  path: '/waves/:promotion',
});

/** Drills on devices. */
export const drillsRouteRef = createSubRouteRef({
  parent: fleetRouteRef,
  path: '/drills',
});

/** One drill, with what was expected and what was observed. */
export const drillRouteRef = createSubRouteRef({
  parent: fleetRouteRef,
  path: '/drills/:id',
});

/** The Edge tab of an entity; resolves inside the page of that entity. */
export const edgeRouteRef = createRouteRef();
