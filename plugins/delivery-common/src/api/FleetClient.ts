// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import {
  ask,
  askIfChanged,
  type ConditionalAnswer,
  type ConditionalOptions,
  type Connection,
  type ReadOptions,
} from './Connection';
import type {
  FleetDevice,
  FleetDevicePage,
  FleetFilter,
  FleetService,
  FleetSite,
  FleetSites,
  FleetSort,
  FleetSummary,
  FleetTwinEdit,
  FleetTwinEdited,
} from './views';

/** The fleet in the delivery backend's HTTP API. Every method rejects with a {@link DeliveryProblem}. */
export interface FleetClient {
  getFleetSummary(
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<FleetSummary>>;
  /** Every site with devices that the filter lets through, in columns. */
  getFleetSites(
    filter?: FleetFilter,
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<FleetSites>>;
  getFleetDevices(
    question?: FleetFilter & {
      readonly sort?: FleetSort;
      readonly limit?: number;
      readonly cursor?: string;
    },
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<FleetDevicePage>>;
  getFleetDevice(
    device: { readonly cluster: string; readonly name: string },
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<FleetDevice>>;
  /** Sets what is desired of a KubeEdge device; with `dryRun` nothing is written. */
  editFleetTwin(
    twin: {
      readonly cluster: string;
      readonly name: string;
      readonly namespace: string;
      readonly device: string;
    },
    edit: FleetTwinEdit,
    options?: ReadOptions,
  ): Promise<FleetTwinEdited>;
  getFleetSite(
    site: { readonly site: string; readonly cluster?: string },
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<FleetSite>>;
  /** `service` is an entity ref. */
  getFleetService(
    service: string,
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<FleetService>>;
}

/** The fleet, by a connection. */
export function fleetClient(connection: Connection): FleetClient {
  return {
    async getFleetSummary({ etag, signal } = {}) {
      const header = { 'If-None-Match': etag };
      return askIfChanged(
        connection.get('/fleet/summary', { params: { header }, signal }),
      );
    },
    async getFleetSites(filter, { etag, signal } = {}) {
      const params = { query: filter, header: { 'If-None-Match': etag } };
      return askIfChanged(connection.get('/fleet/sites', { params, signal }));
    },
    async getFleetDevices(question, { etag, signal } = {}) {
      const params = { query: question, header: { 'If-None-Match': etag } };
      return askIfChanged(connection.get('/fleet/devices', { params, signal }));
    },
    async getFleetDevice(path, { etag, signal } = {}) {
      const params = { path, header: { 'If-None-Match': etag } };
      return askIfChanged(
        connection.get('/fleet/devices/{cluster}/{name}', { params, signal }),
      );
    },
    async editFleetTwin(path, edit, { signal } = {}) {
      return ask(
        connection.patch(
          '/fleet/devices/{cluster}/{name}/twins/{namespace}/{device}',
          {
            params: { path },
            body: edit,
            signal,
          },
        ),
      );
    },
    async getFleetSite({ site, cluster }, { etag, signal } = {}) {
      const params = {
        path: { site },
        query: { cluster },
        header: { 'If-None-Match': etag },
      };
      return askIfChanged(
        connection.get('/fleet/sites/{site}', { params, signal }),
      );
    },
    async getFleetService(service, { etag, signal } = {}) {
      const params = {
        path: parseEntityRef(service),
        header: { 'If-None-Match': etag },
      };
      return askIfChanged(
        connection.get('/fleet/services/{namespace}/{kind}/{name}', {
          params,
          signal,
        }),
      );
    },
  };
}
