// SPDX-License-Identifier: Apache-2.0
import { ConflictError } from '@backstage/errors';
import {
  fleetDeviceReadPermission,
  fleetDrillRunPermission,
  fleetDrillSignPermission,
} from '@causeway/plugin-delivery-common';
import type {
  PolicyDecision,
  ResourcePermission,
} from '@backstage/plugin-permission-common';
import type { JsonObject } from '@backstage/types';
import { DrillProblem, type DrillPerson, type Drills } from '../drills/Drills';
import type { DrillViews } from '../drills/DrillViews';
import type { Admission } from './Admission';
import type { OperationId } from './ApiDocument';
import type { DevicePermissions } from './DevicePermissions';
import { etagOf, isKnown } from './etag';
import { RequestProblem } from './RequestProblem';
import type { ApiAnswer, ApiRequest, Handlers } from './routes';

/** Drills on devices: where they may be run, start, follow, abort and sign off. */
export function drillHandlers(parts: {
  readonly admission: Admission;
  readonly devicePermissions: DevicePermissions;
  readonly drills: Drills;
  readonly drillViews: DrillViews;
}): Handlers<
  | 'getDrillOptions'
  | 'getDrillCandidates'
  | 'getDrills'
  | 'getDrill'
  | 'startDrill'
  | 'abortDrill'
  | 'signDrill'
> {
  const { admission, devicePermissions, drills, drillViews } = parts;

  /** Somebody who may read, with what they may do. */
  const reader = async (
    request: Pick<ApiRequest, 'express'>,
  ): Promise<DrillPerson> => {
    const sees = await admission.readConditional(
      request,
      fleetDeviceReadPermission,
    );
    const run = await admission.decisionOn(request, fleetDrillRunPermission);
    const sign = await admission.decisionOn(request, fleetDrillSignPermission);
    const rights = (decision: PolicyDecision) =>
      devicePermissions.rightsOf(decision);
    return {
      actor: run.caller.actor,
      sees: rights(sees),
      mayRun: rights(run.decision),
      maySign: rights(sign.decision),
    };
  };

  /** One way in for everything that changes something. */
  const command = <Id extends OperationId>(
    request: ApiRequest<Id>,
    permission: ResourcePermission,
    eventId: string,
    meta: JsonObject,
    run: (who: DrillPerson) => Promise<ApiAnswer<Id>>,
  ) =>
    admission.deviceCommand(request, {
      eventId,
      meta,
      permission,
      run: async () => {
        const who = await reader(request);
        return answered(() => run(who));
      },
    });

  return {
    async getDrillOptions(request) {
      await reader(request);
      return { status: 200, body: drillViews.options() };
    },

    async getDrillCandidates(request) {
      const who = await reader(request);
      return answered(async () => ({
        status: 200,
        body: await drillViews.candidates(request.query, who),
      }));
    },

    async getDrills(request) {
      const who = await reader(request);
      const { limit = 50, ...filter } = request.query;
      return tagged(request, await drillViews.list(filter, limit, who));
    },

    async getDrill(request) {
      const who = await reader(request);
      return answered(async () =>
        tagged(request, await drillViews.one(request.params.id, who)),
      );
    },

    async startDrill(request) {
      const { devices, ...wish } = request.body;
      return command(
        request,
        fleetDrillRunPermission,
        'drill-start',
        { ...wish, devices: devices.slice(0, 20), count: devices.length },
        async who => {
          const { drill } = await drills.start(request.body, who);
          const body = await drillViews.one(drill.order.id, who);
          return { status: 202, body };
        },
      );
    },

    async abortDrill(request) {
      const { id } = request.params;
      const { reason } = request.body;
      return command(
        request,
        fleetDrillRunPermission,
        'drill-abort',
        { drill: id, reason },
        async who => {
          await drills.abort(id, reason, who);
          return { status: 202, body: await drillViews.one(id, who) };
        },
      );
    },

    async signDrill(request) {
      const { id } = request.params;
      return command(
        request,
        fleetDrillSignPermission,
        'drill-sign',
        { drill: id, ...request.body },
        async who => {
          await drills.sign(id, request.body, who);
          return { status: 200, body: await drillViews.one(id, who) };
        },
      );
    },
  };
}

/** Names of problems that are neither the request's shape nor the state of the world. */
const problems: Readonly<
  Record<string, 'NotFoundError' | 'NotAllowedError' | 'InputError'>
> = {
  unknownDrill: 'NotFoundError',
  noDrills: 'NotFoundError',
  notPermitted: 'NotAllowedError',
  ownDrill: 'NotAllowedError',
  unknownKind: 'InputError',
  unknownDevice: 'InputError',
  noDevice: 'InputError',
};

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DrillProblem) {
      const { code, message, hint } = error;
      throw new RequestProblem(problems[code] ?? 'ConflictError', {
        code,
        message,
        ...(hint !== undefined && { hint }),
      });
    }
    if (error instanceof ConflictError) {
      throw new RequestProblem('ConflictError', {
        code: 'siteBusy',
        message: error.message,
      });
    }
    throw error;
  }
}

/** What the reader has is not sent again. */
function tagged<Body extends object>(
  request: { header(name: string): string | undefined },
  body: Body,
): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Body;
} {
  const headers = { ETag: etagOf(body) };
  return isKnown(request.header('if-none-match'), headers.ETag)
    ? { status: 304, headers }
    : { status: 200, headers, body };
}
