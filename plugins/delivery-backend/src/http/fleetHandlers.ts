// SPDX-License-Identifier: Apache-2.0
import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  fleetDeviceReadPermission,
  UnknownCursor,
  type FleetFilter,
} from '@causeway/plugin-delivery-common';
import type { Answer, DeviceRights, FleetViews } from '../fleet/FleetViews';
import type { Admission } from './Admission';
import type { DevicePermissions } from './DevicePermissions';
import { isKnown } from './etag';
import { RequestProblem } from './RequestProblem';
import type { ApiRequest, Handlers } from './routes';

/** The fleet: devices, sites and where services run. */
export function fleetHandlers(parts: {
  readonly admission: Admission;
  readonly devicePermissions: DevicePermissions;
  readonly fleetViews: FleetViews;
}): Handlers<
  | 'getFleetSummary'
  | 'getFleetSites'
  | 'getFleetSite'
  | 'getFleetDevices'
  | 'getFleetDevice'
  | 'getFleetService'
> {
  const { admission, devicePermissions, fleetViews } = parts;
  const admit = async (
    request: Pick<ApiRequest, 'express'>,
  ): Promise<DeviceRights> =>
    devicePermissions.rightsOf(
      await admission.readConditional(request, fleetDeviceReadPermission),
    );
  return {
    async getFleetSummary(request) {
      const rights = await admit(request);
      return answer(request, fleetViews.summary(rights), 'fleet');
    },

    async getFleetSites(request) {
      const rights = await admit(request);
      const filter = filterOf(request.query);
      return answer(request, fleetViews.sites(filter, rights), 'fleet');
    },

    async getFleetSite(request) {
      const rights = await admit(request);
      const { site } = request.params;
      const { cluster } = request.query;
      return answer(request, fleetViews.site(site, cluster, rights), 'site');
    },

    async getFleetDevices(request) {
      const rights = await admit(request);
      const { sort = 'name', limit = 50, cursor } = request.query;
      const question = { sort, limit, ...(cursor && { cursor }) };
      const filter = filterOf(request.query);
      try {
        return await answer(
          request,
          fleetViews.devices(filter, question, rights),
          'fleet',
        );
      } catch (error) {
        if (!(error instanceof UnknownCursor)) throw error;
        throw new RequestProblem('InputError', {
          code: 'badCursor',
          message: error.message,
          hint: 'Begin with the first page.',
          cause: error,
        });
      }
    },

    async getFleetDevice(request) {
      const rights = await admit(request);
      const { cluster, name } = request.params;
      return answer(
        request,
        fleetViews.device(cluster, name, rights),
        'device',
      );
    },

    async getFleetService(request) {
      const rights = await admit(request);
      const service = stringifyEntityRef(request.params);
      return answer(request, fleetViews.service(service, rights), 'service');
    },
  };
}

/** What the reader has is not sent again. What may not be seen is not there. */
async function answer<View>(
  request: { header(name: string): string | undefined },
  asked: Answer<View>,
  what: string,
): Promise<{
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: View;
}> {
  const answered = await asked;
  if (!answered) {
    throw new RequestProblem('NotFoundError', {
      code: 'notFound',
      message: `The fleet has no such ${what}.`,
      hint: 'It may have been taken out of its cluster, or you may not see it.',
    });
  }
  const { etag, view } = answered;
  const headers = { ETag: etag };
  return isKnown(request.header('if-none-match'), etag)
    ? { status: 304, headers }
    : { status: 200, headers, body: view };
}

/** The filter of a query, without what else it holds, in one order: so equal filters are equal. */
function filterOf(query: FleetFilter): FleetFilter {
  return {
    site: query.site,
    cluster: query.cluster,
    hardware: query.hardware,
    connectivity: query.connectivity,
    health: query.health,
    update: query.update,
    applications: query.applications,
    hold: query.hold,
    isolation: query.isolation,
    version: query.version,
    label: query.label,
    text: query.text,
    service: query.service,
  };
}
