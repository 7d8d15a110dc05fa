// SPDX-License-Identifier: Apache-2.0
import {
  fleetDeviceActPermission,
  fleetDeviceReadPermission,
} from '@causeway/plugin-delivery-common';
import type { PolicyDecision } from '@backstage/plugin-permission-common';
import type { JsonObject } from '@backstage/types';
import { createHash } from 'node:crypto';
import type { ActionViews } from '../actions/ActionViews';
import {
  ActionProblem,
  type ActionPerson,
  type DeviceActions,
} from '../actions/DeviceActions';
import type { Clock } from '../Clock';
import type { Admission, Caller } from './Admission';
import type { OperationId } from './ApiDocument';
import type { DevicePermissions } from './DevicePermissions';
import { isKnown } from './etag';
import { RequestPace } from './RequestPace';
import { RequestProblem } from './RequestProblem';
import type { ApiAnswer, ApiRequest, Handlers } from './routes';

/** What one person may ask for in a minute. */
const perMinute = 60;

/** Actions on devices: plan, ask, follow, cancel and decide. */
export function actionHandlers(parts: {
  readonly admission: Admission;
  readonly devicePermissions: DevicePermissions;
  readonly actions: DeviceActions;
  readonly actionViews: ActionViews;
  readonly clock: Clock;
}): Handlers<
  | 'getFleetActionKinds'
  | 'getFleetActions'
  | 'getFleetAction'
  | 'requestFleetActions'
  | 'cancelFleetAction'
  | 'approveFleetAction'
  | 'rejectFleetAction'
> {
  const { admission, devicePermissions, actions, actionViews } = parts;
  const pace = new RequestPace({ clock: parts.clock, perMinute });

  const person = (
    { actor }: Caller,
    sees: PolicyDecision,
    mayAct: PolicyDecision,
  ): ActionPerson => ({
    actor,
    sees: devicePermissions.rightsOf(sees),
    mayAct: devicePermissions.rightsOf(mayAct),
  });

  /** Somebody who reads, with what they may do. */
  const reader = async (
    request: Pick<ApiRequest, 'express'>,
  ): Promise<ActionPerson> => {
    const sees = await admission.readConditional(
      request,
      fleetDeviceReadPermission,
    );
    const { caller, decision } = await admission.decisionOn(
      request,
      fleetDeviceActPermission,
    );
    return person(caller, sees, decision);
  };

  /** One way in for everything that changes something. */
  const command = <Id extends OperationId>(
    request: ApiRequest<Id>,
    eventId: string,
    meta: JsonObject,
    run: (who: ActionPerson) => Promise<ApiAnswer<Id>>,
  ) =>
    admission.deviceCommand(request, {
      eventId,
      meta,
      permission: fleetDeviceActPermission,
      run: async (caller, mayAct) => {
        pace.note(caller.actor);
        const sees = await admission.readConditional(
          request,
          fleetDeviceReadPermission,
        );
        return answered(() => run(person(caller, sees, mayAct)));
      },
    });

  const decide = async (
    who: ActionPerson,
    id: string,
    decision: Parameters<DeviceActions['decide']>[2],
  ) => {
    const decided = await actions.decide(id, who, decision);
    const items = decided.map(each => actionViews.view(each, who));
    return { status: 200, body: { items } };
  };

  return {
    async getFleetActionKinds(request) {
      const who = await reader(request);
      const { device } = request.query;
      return { status: 200, body: await actionViews.kinds(device, who) };
    },

    async getFleetActions(request) {
      const who = await reader(request);
      const { limit = 50, cursor, device, ...filter } = request.query;
      return answered(async () =>
        tagged(
          request,
          await actionViews.page(
            {
              cluster: filter.cluster,
              site: filter.site,
              kind: filter.kind,
              phase: filter.phase,
              batch: filter.batch,
              ...(device !== undefined && { device: placeOf(device) }),
            },
            { limit, cursor },
            who,
          ),
        ),
      );
    },

    async getFleetAction(request) {
      const who = await reader(request);
      return answered(async () =>
        tagged(request, await actionViews.one(request.params.id, who)),
      );
    },

    async requestFleetActions(request) {
      const { dryRun, ...wish } = request.body;
      // Whoever means many devices says so twice: first they see which.
      const isPlan = dryRun ?? wish.devices.length > 1;
      const { kind, devices, reason } = wish;
      const meta = {
        kind,
        devices: devices.slice(0, 20),
        count: devices.length,
      };
      return command(
        request,
        isPlan ? 'device-action-plan' : 'device-action-request',
        { ...meta, reason },
        async who => {
          if (isPlan) {
            return { status: 200, body: await actions.plan(wish, who) };
          }
          const asked = await actions.request(wish, who);
          return { status: 202, body: await actionViews.batch(asked, who) };
        },
      );
    },

    async cancelFleetAction(request) {
      const { id } = request.params;
      const { reason } = request.body;
      return command(
        request,
        'device-action-cancel',
        { action: id, reason },
        async who => ({
          status: 200,
          body: actionViews.view(await actions.cancel(id, who, reason), who),
        }),
      );
    },

    async approveFleetAction(request) {
      const { id } = request.params;
      return command(
        request,
        'device-action-approve',
        { action: id, ...request.body },
        who => decide(who, id, { ...request.body, approve: true }),
      );
    },

    async rejectFleetAction(request) {
      const { id } = request.params;
      return command(
        request,
        'device-action-reject',
        { action: id, ...request.body },
        who => decide(who, id, { ...request.body, approve: false }),
      );
    },
  };
}

/** Names of problems that are not the request's shape. */
const problems: Readonly<
  Record<string, 'NotFoundError' | 'NotAllowedError' | 'ConflictError'>
> = {
  unknownAction: 'NotFoundError',
  notPermitted: 'NotAllowedError',
  ownAction: 'NotAllowedError',
  notWaiting: 'ConflictError',
  isOver: 'ConflictError',
  notStoppable: 'ConflictError',
};

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ActionProblem)) throw error;
    const { code, message, hint } = error;
    throw new RequestProblem(problems[code] ?? 'InputError', {
      code,
      message,
      ...(hint !== undefined && { hint }),
    });
  }
}

/** What the reader has is not sent again. */
function tagged<Body>(
  request: { header(name: string): string | undefined },
  body: Body,
): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Body;
} {
  const hash = createHash('sha256').update(JSON.stringify(body));
  const headers = { ETag: `"${hash.digest('base64url').slice(0, 22)}"` };
  return isKnown(request.header('if-none-match'), headers.ETag)
    ? { status: 304, headers }
    : { status: 200, headers, body };
}

function placeOf(device: string): {
  readonly cluster: string;
  readonly name: string;
} {
  const at = device.indexOf('/');
  return { cluster: device.slice(0, at), name: device.slice(at + 1) };
}
