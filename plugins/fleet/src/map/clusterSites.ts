// SPDX-License-Identifier: Apache-2.0
import Supercluster from 'supercluster';
import {
  MAX_ZOOM,
  WORLD,
  boundsOf,
  type MapSize,
  type MapView,
} from './mapView';
import {
  addCounts,
  worstFirst,
  worstOf,
  type LocatedSite,
  type SiteCounts,
} from './mapSites';
import type { FleetWorst } from '@causeway/plugin-delivery-common';

/** Marks nearer to each other than this become one, in pixels. */
const RADIUS = 64;

/** So many marks are buttons of the page; the rest of a crowded view are dots that a click zooms into. */
export const MOST_BUTTONS = 200;

/** One mark of the map: a site, or several that lie too close together to be told apart. */
export interface Mark {
  /** Stable while the same sites make the mark. */
  readonly key: string;
  /** Of the site, or of the site with most devices among several. */
  readonly name: string;
  readonly sites: number;
  /** The site's id, when it is only one. */
  readonly site?: string;
  /** The cluster's id in the index, when there are several. */
  readonly clusterId?: number;
  readonly devices: number;
  readonly counts: SiteCounts;
  /** The worst state of any device wins. */
  readonly worst: FleetWorst;
  readonly longitude: number;
  readonly latitude: number;
}

interface Gathered {
  name: string;
  /** Devices of the site that gave the name. */
  most: number;
  devices: number;
  counts: SiteCounts;
}

/** A site in the index; apart, because the index takes a property `cluster` for a group of points. */
interface Point {
  readonly site: LocatedSite;
}

/** Sites indexed for every zoom. Made once per answer; asking it costs a few milliseconds at most. */
export type SiteIndex = Supercluster<Point, Gathered>;

/** Indexes sites for the map. */
export function indexSites(sites: readonly LocatedSite[]): SiteIndex {
  return new Supercluster<Point, Gathered>({
    radius: RADIUS,
    extent: WORLD,
    maxZoom: MAX_ZOOM,
    map: ({ site }) => ({
      name: site.name,
      most: site.devices,
      devices: site.devices,
      counts: site.counts,
    }),
    reduce: (all, each) => {
      if (each.most > all.most) {
        all.most = each.most;
        all.name = each.name;
      }
      all.devices += each.devices;
      all.counts = addCounts(all.counts, each.counts);
    },
  }).load(
    sites.map(site => ({
      type: 'Feature',
      geometry: {
        type: 'Point',
        coordinates: [site.longitude, site.latitude],
      },
      properties: { site },
    })),
  );
}

/** The marks that the map shows, worst first, then by the number of devices. */
export function marksIn(
  index: SiteIndex,
  view: MapView,
  size: MapSize,
): readonly Mark[] {
  return index
    .getClusters(boundsOf(view, size), Math.floor(view.zoom))
    .map(markOf)
    .sort(byUrgency);
}

/** From how near the sites of a mark come apart; beyond {@link MAX_ZOOM} they never do. */
export function comesApartAt(index: SiteIndex, mark: Mark): number {
  return mark.clusterId === undefined
    ? Infinity
    : index.getClusterExpansionZoom(mark.clusterId);
}

/** The ids of all sites of a mark. */
export function siteIdsOf(index: SiteIndex, mark: Mark): readonly string[] {
  if (mark.site !== undefined) return [mark.site];
  if (mark.clusterId === undefined) return [];
  return index
    .getLeaves(mark.clusterId, Infinity)
    .map(({ properties }) => properties.site.id);
}

type Shown = ReturnType<SiteIndex['getClusters']>[number];

function markOf({ geometry, properties }: Shown): Mark {
  const [longitude, latitude] = geometry.coordinates;
  if ('cluster_id' in properties) {
    return {
      key: `cluster:${properties.cluster_id}`,
      name: properties.name,
      sites: properties.point_count,
      clusterId: properties.cluster_id,
      devices: properties.devices,
      counts: properties.counts,
      worst: worstOf(properties.counts),
      longitude,
      latitude,
    };
  }
  const { site } = properties;
  return {
    key: `site:${site.id}`,
    name: site.name,
    sites: 1,
    site: site.id,
    devices: site.devices,
    counts: site.counts,
    worst: site.worst,
    longitude,
    latitude,
  };
}

function byUrgency(one: Mark, other: Mark): number {
  return (
    worstFirst.indexOf(one.worst) - worstFirst.indexOf(other.worst) ||
    other.devices - one.devices ||
    one.key.localeCompare(other.key)
  );
}
