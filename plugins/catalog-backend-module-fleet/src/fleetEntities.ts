// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
  DEFAULT_NAMESPACE,
  type Entity,
} from '@backstage/catalog-model';
import type {
  FleetSites,
  FleetSummary,
} from '@causeway/plugin-delivery-common';

/** By which pages of entities find the cluster and the site in the fleet. */
const CLUSTER_ANNOTATION = 'causeway.dev/fleet-cluster';
const SITE_ANNOTATION = 'causeway.dev/fleet-site';

/** What entities say beside what the fleet does. */
export interface EntitySettings {
  /** Entity ref. */
  readonly owner: string;
  /** Entity ref. */
  readonly system?: string;
  /** Where the portal is reached, for links. */
  readonly portal: string;
  /** Who provides them. */
  readonly location: string;
}

/**
 * The clusters that have devices, and their sites, as entities. Nothing that changes while devices come
 * and go is in them, so that they stay the same from one reading to the next.
 */
export function fleetEntities(
  clusters: FleetSummary['clusters'],
  { columns }: Pick<FleetSites, 'columns'>,
  settings: EntitySettings,
): readonly Entity[] {
  return [
    ...clusters.map(({ name, title }) =>
      entity(settings, {
        name: entityName(name),
        title,
        type: 'cluster',
        annotations: { [CLUSTER_ANNOTATION]: name },
        page: `/fleet?cluster=${encodeURIComponent(name)}`,
      }),
    ),
    ...columns.id.map((id, index) => {
      const cluster = columns.cluster[index];
      const site = id.slice(cluster.length + 1);
      const place = placeOf(columns.latitude[index], columns.longitude[index]);
      return entity(settings, {
        name: entityName(cluster, site),
        title: columns.name[index],
        type: 'site',
        annotations: {
          [CLUSTER_ANNOTATION]: cluster,
          [SITE_ANNOTATION]: site,
          ...(place && { 'causeway.dev/coordinates': place }),
        },
        page: `/fleet/sites/${[cluster, site]
          .map(encodeURIComponent)
          .join('/')}`,
        dependsOn: [`resource:${DEFAULT_NAMESPACE}/${entityName(cluster)}`],
      });
    }),
  ];
}

function entity(
  settings: EntitySettings,
  own: {
    readonly name: string;
    readonly title: string;
    readonly type: 'cluster' | 'site';
    readonly annotations: Readonly<Record<string, string>>;
    readonly page: string;
    readonly dependsOn?: readonly string[];
  },
): Entity {
  const { owner, system, portal, location } = settings;
  return {
    apiVersion: 'backstage.io/v1beta1',
    kind: 'Resource',
    metadata: {
      namespace: DEFAULT_NAMESPACE,
      name: own.name,
      // Titles come from nodes and files; one line of text is all that the catalog has place for.
      ...(own.title.trim() !== '' && { title: own.title.slice(0, 200) }),
      annotations: {
        [ANNOTATION_LOCATION]: location,
        [ANNOTATION_ORIGIN_LOCATION]: location,
        ...own.annotations,
      },
      links: [
        {
          url: `${portal}${own.page}`,
          title: 'Devices in the fleet',
          icon: 'dashboard',
        },
      ],
    },
    spec: {
      type: own.type,
      owner,
      ...(system !== undefined && { system }),
      ...(own.dependsOn && { dependsOn: [...own.dependsOn] }),
    },
  };
}

/**
 * A name that the catalog takes. What is none, or could be that of another cluster and site, gets a hash
 * of what it names: a site may be named by a label or by anybody's inventory.
 */
export function entityName(...parts: readonly string[]): string {
  const plain = parts.join('.');
  const isPlain =
    /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/.test(plain) &&
    !/[._-]{2}/.test(plain) &&
    parts.every(part => !part.includes('.'));
  if (isPlain) return plain;
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  const readable = plain
    .toLocaleLowerCase('en')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 50)
    .replace(/-+$/, '');
  return `${readable || 'site'}-${hash.slice(0, 10)}`;
}

function placeOf(
  latitude: number | null,
  longitude: number | null,
): string | undefined {
  return latitude === null || longitude === null
    ? undefined
    : `${latitude},${longitude}`;
}
