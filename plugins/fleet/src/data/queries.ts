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
import type { Reading } from '@causeway/plugin-delivery-react';
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
import { useReading, whole } from './useReading';

/** Signals drive refreshes; this is the fallback while the page is visible, in milliseconds. */
const READ_AGAIN_EVERY = 30_000;

/** Devices on one page of the table. */
export const PAGE_SIZE = 50;

function useFleet<View>(
  question: readonly unknown[],
  ask: (
    client: FleetClient,
    options: ConditionalOptions,
  ) => Promise<ConditionalAnswer<View>>,
  whileAsking?: 'keepLast',
): Reading<View> {
  const client = useApi(fleetApiRef);
  return useReading(question, options => ask(client, options), {
    every: READ_AGAIN_EVERY,
    whileAsking,
  });
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
  return useFleet(['hardware', question], (client, { signal }) =>
    whole(countDevices(client, question, signal)),
  );
}

/** The sites that a template may choose from. */
export function useListedSites(
  question: SiteQuestion,
): Reading<readonly KnownSite[]> {
  return useFleet(
    ['listed sites', question],
    (client, { signal }) => whole(listSites(client, question, signal)),
    'keepLast',
  );
}

/** Where a service runs at the edge. `service` is an entity ref. */
export function useFleetService(service: string): Reading<FleetService> {
  return useFleet(['service', service], (client, options) =>
    client.getFleetService(service, options),
  );
}
