// SPDX-License-Identifier: Apache-2.0
import type { FeatureCollection } from 'geojson';
import { feature } from 'topojson-client';

/** The coast, coarse for the whole world and fine from near. */
export type LandDetail = 'coarse' | 'fine';

/** From this zoom on the fine coast is worth its bytes. */
const FINE_FROM = 2.5;

/** Which coast a look at the map needs. */
export function detailFor(zoom: number): LandDetail {
  return zoom < FINE_FROM ? 'coarse' : 'fine';
}

const loaders = {
  coarse: () => import('world-atlas/land-110m.json'),
  fine: () => import('world-atlas/land-50m.json'),
};

/**
 * Loads the outlines of the land when they are needed first. They are files of the portal itself, so
 * the map needs no internet; and land only, because borders are a matter of politics.
 */
export async function loadLand(detail: LandDetail): Promise<FeatureCollection> {
  const { default: topology } = await loaders[detail]();
  return feature(topology, topology.objects.land);
}
