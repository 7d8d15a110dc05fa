// SPDX-License-Identifier: Apache-2.0
import { useRouteRef } from '@backstage/frontend-plugin-api';
import type { FleetFilter } from '@causeway/plugin-delivery-common';
import {
  actionRouteRef,
  actionsRouteRef,
  deviceRouteRef,
  drillRouteRef,
  drillsRouteRef,
  fleetRouteRef,
  siteRouteRef,
  waveRouteRef,
  wavesRouteRef,
} from './routes';
import { USUAL_SORT, writeSearch } from './search/fleetSearch';

/** The addresses of the fleet pages. */
export interface FleetLinks {
  readonly fleet: (filter?: FleetFilter) => string;
  readonly site: (site: { cluster: string; site: string }) => string;
  readonly device: (device: { cluster: string; name: string }) => string;
  readonly actions: () => string;
  readonly action: (id: string) => string;
  readonly waves: () => string;
  readonly wave: (wave: { promotion: string }) => string;
  readonly drills: () => string;
  readonly drill: (id: string) => string;
}

/** The addresses of the fleet pages, wherever the portal has put them. */
export function useFleetLinks(): FleetLinks {
  const fleet = useRouteRef(fleetRouteRef);
  const site = useRouteRef(siteRouteRef);
  const device = useRouteRef(deviceRouteRef);
  const actions = useRouteRef(actionsRouteRef);
  const action = useRouteRef(actionRouteRef);
  const waves = useRouteRef(wavesRouteRef);
  const wave = useRouteRef(waveRouteRef);
  const drills = useRouteRef(drillsRouteRef);
  const drill = useRouteRef(drillRouteRef);
  return {
    fleet: (filter = {}) => {
      const query = writeSearch({ filter, sort: USUAL_SORT, layout: 'both' });
      return withQuery(fleet?.() ?? '', query);
    },
    site: place =>
      site?.({ cluster: escape(place.cluster), site: escape(place.site) }) ??
      '',
    device: place =>
      device?.({
        cluster: escape(place.cluster),
        name: escape(place.name),
      }) ?? '',
    actions: () => actions?.() ?? '',
    action: id => action?.({ id: escape(id) }) ?? '',
    waves: () => waves?.() ?? '',
    wave: ({ promotion }) => wave?.({ promotion: escape(promotion) }) ?? '',
    drills: () => drills?.() ?? '',
    drill: id => drill?.({ id: escape(id) }) ?? '',
  };
}

/** Names come from clusters and files, so they may hold what has a meaning in an address. */
function escape(name: string): string {
  return encodeURIComponent(name);
}

function withQuery(path: string, query: URLSearchParams): string {
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}
