// SPDX-License-Identifier: Apache-2.0
import {
  deviceId,
  fleetDeviceActPermission,
  type FleetTwinEdited,
} from '@causeway/plugin-delivery-common';
import type { ActOn } from '../actions/ActionWorker';
import type { Clock } from '../Clock';
import type { DeviceReader } from '../fleet/DeviceReader';
import { editTwin, type TwinOutcome } from '../fleet/TwinEditor';
import type { TwinHistory } from '../fleet/TwinHistory';
import type { Admission } from './Admission';
import type { DevicePermissions } from './DevicePermissions';
import { RequestProblem } from './RequestProblem';
import type { Handlers } from './routes';

/** Setting what is desired of KubeEdge devices. */
export function twinHandlers(parts: {
  readonly admission: Admission;
  readonly devicePermissions: DevicePermissions;
  readonly devices: DeviceReader;
  readonly twins: TwinHistory;
  readonly actOn?: ActOn;
  readonly clock: Clock;
}): Handlers<'editFleetTwin'> {
  const { admission, devicePermissions, devices, twins, clock } = parts;
  return {
    editFleetTwin(request) {
      const { cluster, name: node, namespace, device } = request.params;
      const { changes: wishes, reason, dryRun = false } = request.body;
      return admission.deviceCommand(request, {
        eventId: 'twin-edit',
        meta: {
          device: deviceId(cluster, node),
          twin: `${namespace}/${device}`,
          properties: wishes.map(({ property }) => property),
          dryRun,
        },
        permission: fleetDeviceActPermission,
        async run({ actor }, decision) {
          const known = devices.find(cluster, node);
          const { allows } = devicePermissions.rightsOf(decision);
          if (!known || !allows(known)) throw unknownTwin();
          const acting = parts.actOn?.(cluster, { actor }, request.signal);
          if (!acting) throw unknownTwin();
          refuseDoubles(wishes.map(({ property }) => property));
          const outcome = await editTwin(
            {
              cluster,
              node,
              namespace,
              device,
              wishes,
              dryRun,
              actor,
              reason,
            },
            acting,
            clock,
          );
          const changes = changesOf(outcome);
          if (!dryRun) await twins.add(changes);
          const body: FleetTwinEdited = {
            dryRun,
            changes: changes.map(({ property, value, before }) => ({
              property,
              value,
              ...(before !== undefined && { before }),
            })),
          };
          return { status: 200, body };
        },
      });
    },
  };
}

function refuseDoubles(properties: readonly string[]): void {
  if (new Set(properties).size === properties.length) return;
  throw new RequestProblem('InputError', {
    code: 'badRequest',
    message: 'A property is named twice.',
  });
}

function changesOf(outcome: TwinOutcome) {
  switch (outcome.kind) {
    case 'done':
      return outcome.changes;
    case 'unknown':
      throw unknownTwin();
    case 'busy':
      throw new RequestProblem('ConflictError', {
        code: 'busy',
        message: 'The device changed again and again while it was written.',
        hint: 'Try again.',
      });
    default: {
      const [first] = outcome.refusals;
      const isConflict = outcome.refusals.some(
        ({ code }) => code === 'changedMeanwhile',
      );
      throw new RequestProblem(isConflict ? 'ConflictError' : 'InputError', {
        code: first.code,
        message: `Nothing was set. ${outcome.refusals
          .map(({ message }) => message)
          .join(' ')}`,
        hint: isConflict
          ? 'Look at the device again and decide anew.'
          : 'The model of the device says what may be set.',
        details: outcome.refusals.map(refusal => ({ ...refusal })),
      });
    }
  }
}

function unknownTwin(): RequestProblem {
  return new RequestProblem('NotFoundError', {
    code: 'notFound',
    message: 'The fleet has no such KubeEdge device, or you may not act on it.',
    hint: 'It may have been taken out of its cluster, or moved to another node.',
  });
}
