// SPDX-License-Identifier: Apache-2.0
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  ConditionalAnswer,
  ConditionalOptions,
  FleetClient,
  FleetDevice,
  FleetDevicePage,
  FleetFilter,
  FleetService,
  FleetSite,
  FleetSites,
  FleetSort,
  FleetSummary,
} from '@causeway/plugin-delivery-common';
import {
  readingOf,
  useViewer,
  type Reading,
} from '@causeway/plugin-delivery-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { fleetApiRef } from '../api/fleetApi';
import {
  countDevices,
  type HardwareCounts,
  type HardwareQuestion,
} from '../formFields/countDevices';
import {
  listSites,
  type KnownSite,
  type SiteQuestion,
} from '../formFields/listSites';

/** Signals drive refreshes; this is the fallback while the page is visible, in milliseconds. */
const READ_AGAIN_EVERY = 30_000;

/** Devices on one page of the table. */
export const PAGE_SIZE = 50;

/** What was read, and the name under which the backend knows it again. */
interface Known<View> {
  readonly view: View;
  readonly etag?: string;
}

/**
 * Reads something of the fleet and keeps it. What did not change is not sent again. With `keepLast`
 * the last answer stays on the page while another question is asked: right for lists that are
 * filtered, wrong for the page of one thing, which must never show another.
 */
function useFleet<View>(
  question: readonly unknown[],
  ask: (
    client: FleetClient,
    options: ConditionalOptions,
  ) => Promise<ConditionalAnswer<View>>,
  whileAsking: 'keepLast' | 'startAnew' = 'startAnew',
): Reading<View> {
  const client = useApi(fleetApiRef);
  const viewer = useViewer();
  return readingOf(
    useQuery({
      // Answers differ by who asks, so one person never sees what was read for another.
      queryKey: ['fleet', viewer, ...question],
      queryFn: async ({ signal, queryKey, client: cache }) => {
        const known = cache.getQueryData<Known<View>>(queryKey);
        const answer = await ask(client, { signal, etag: known?.etag });
        if (answer.status === 'changed') return answer;
        if (!known) throw new Error('Nothing in the answer');
        return known;
      },
      select: ({ view }: Known<View>) => view,
      placeholderData:
        whileAsking === 'keepLast' ? keepPreviousData : undefined,
      enabled: viewer !== undefined,
      refetchInterval: READ_AGAIN_EVERY,
    }),
  );
}

/** The fleet in numbers. */
export function useFleetSummary(): Reading<FleetSummary> {
  return useFleet(['summary'], (client, options) =>
    client.getFleetSummary(options),
  );
}

/** The sites that have devices which the filter lets through. */
export function useFleetSites(filter: FleetFilter): Reading<FleetSites> {
  return useFleet(
    ['sites', filter],
    (client, options) => client.getFleetSites(filter, options),
    'keepLast',
  );
}

/** One page of the devices that the filter lets through. */
export function useFleetDevices(question: {
  readonly filter: FleetFilter;
  readonly sort: FleetSort;
  readonly cursor: string | undefined;
}): Reading<FleetDevicePage> {
  const { filter, ...order } = question;
  return useFleet(
    ['devices', question],
    (client, options) =>
      client.getFleetDevices(
        { ...filter, ...order, limit: PAGE_SIZE },
        options,
      ),
    'keepLast',
  );
}

/** One site. */
export function useFleetSite(site: {
  readonly site: string;
  readonly cluster: string;
}): Reading<FleetSite> {
  return useFleet(['site', site], (client, options) =>
    client.getFleetSite(site, options),
  );
}

/** One device with all that is known about it. */
export function useFleetDevice(device: {
  readonly cluster: string;
  readonly name: string;
}): Reading<FleetDevice> {
  return useFleet(['device', device], (client, options) =>
    client.getFleetDevice(device, options),
  );
}

/** What the fleet has of each kind of device. */
export function useHardwareCounts(
  question: HardwareQuestion,
): Reading<HardwareCounts> {
  return useFleet(['hardware', question], async (client, { signal }) => ({
    status: 'changed',
    view: await countDevices(client, question, signal),
  }));
}

/** The sites that a template may choose from. */
export function useListedSites(
  question: SiteQuestion,
): Reading<readonly KnownSite[]> {
  return useFleet(
    ['listed sites', question],
    async (client, { signal }) => ({
      status: 'changed',
      view: await listSites(client, question, signal),
    }),
    'keepLast',
  );
}

/** Where a service runs at the edge. `service` is an entity ref. */
export function useFleetService(service: string): Reading<FleetService> {
  return useFleet(['service', service], (client, options) =>
    client.getFleetService(service, options),
  );
}
