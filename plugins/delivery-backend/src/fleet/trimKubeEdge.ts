// SPDX-License-Identifier: Apache-2.0
import type {
  ObservedDevice,
  ObservedDeviceModel,
  ObservedDeviceStatus,
  ObservedNodeGroup,
  ObservedTwinStatus,
  ObservedTwinValue,
} from '@causeway/plugin-delivery-common';
import { listIn, numberIn, recordIn, textIn } from '../clusters/fields';
import { trimClusterIdentity, trimIdentity } from '../clusters/trim';
import { share } from './internText';

/** Values of twins are short; what a device sends beyond is not kept. */
const longestValue = 1_000;
const latest = Date.UTC(2200, 0);

/** Keeps what we need of a NodeGroup. */
export function trimNodeGroup(object: unknown): ObservedNodeGroup | undefined {
  const identity = trimClusterIdentity(object);
  if (!identity) return undefined;
  const statuses = listIn(recordIn(object, 'status'), 'nodeStatuses');
  return {
    ...identity,
    nodes: statuses.flatMap(each => textIn(each, 'nodeName') ?? []),
  };
}

/** Keeps what we need of a Device, with the twins that it holds up to KubeEdge 1.22. */
export function trimDevice(object: unknown): ObservedDevice | undefined {
  const identity = trimIdentity(object);
  const spec = recordIn(object, 'spec');
  if (!identity || !spec) return undefined;
  const status = recordIn(object, 'status');
  const holdsTwins =
    Array.isArray(status?.twins) || typeof status?.state === 'string';
  return {
    ...identity,
    namespace: share(identity.namespace),
    node: textIn(spec, 'nodeName') ?? '',
    model: share(textIn(recordIn(spec, 'deviceModelRef'), 'name')),
    desired: listIn(spec, 'properties').flatMap(property => {
      const name = textIn(property, 'name');
      const desired = recordIn(property, 'desired');
      const value = textIn(desired, 'value');
      const at = timeOf(desired);
      return name
        ? [
            {
              property: share(name),
              value: share(value?.slice(0, longestValue)),
              ...(at !== undefined && { at }),
            },
          ]
        : [];
    }),
    ...(holdsTwins && { status: trimTwinStatus(status) }),
  };
}

/** Keeps what we need of a DeviceStatus. */
export function trimDeviceStatus(
  object: unknown,
): ObservedDeviceStatus | undefined {
  const identity = trimIdentity(object);
  return (
    identity && {
      ...identity,
      namespace: share(identity.namespace),
      status: trimTwinStatus(recordIn(object, 'status')),
    }
  );
}

/** Keeps what we need of a DeviceModel. */
export function trimDeviceModel(
  object: unknown,
): ObservedDeviceModel | undefined {
  const identity = trimIdentity(object);
  if (!identity) return undefined;
  const properties = listIn(recordIn(object, 'spec'), 'properties');
  return {
    ...identity,
    properties: properties.flatMap(property => {
      const name = textIn(property, 'name');
      const access = accessOf(textIn(property, 'accessMode'));
      return name
        ? [
            {
              name,
              type: textIn(property, 'type'),
              unit: textIn(property, 'unit'),
              ...(access && { access }),
              minimum: limitIn(property, 'minimum'),
              maximum: limitIn(property, 'maximum'),
            },
          ]
        : [];
    }),
  };
}

function accessOf(mode: string | undefined) {
  if (mode === 'ReadWrite') return 'readWrite';
  return mode === 'ReadOnly' ? 'readOnly' : undefined;
}

function trimTwinStatus(status: unknown): ObservedTwinStatus {
  const lastOnline = textIn(status, 'lastOnlineTime');
  return {
    twins: listIn(status, 'twins').flatMap(twin => {
      const property = textIn(twin, 'propertyName');
      return property
        ? [
            {
              property: share(property),
              observedDesired: valueOf(recordIn(twin, 'observedDesired')),
              reported: valueOf(recordIn(twin, 'reported')),
            },
          ]
        : [];
    }),
    state: share(textIn(status, 'state')),
    // KubeEdge empties it while a device is not online.
    ...(lastOnline &&
      !Number.isNaN(Date.parse(lastOnline)) && {
        lastOnline: new Date(lastOnline).toISOString(),
      }),
  };
}

/** Texts, and numbers in models of older versions. */
function limitIn(property: unknown, name: string): string | undefined {
  const number = numberIn(property, name);
  return number === undefined ? textIn(property, name) : String(number);
}

/** By the clock of the device, which may say anything: what is no date of this time is none. */
function timeOf(value: unknown): number | undefined {
  const at = Number(textIn(recordIn(value, 'metadata'), 'timestamp') ?? NaN);
  return at > 0 && at < latest ? at : undefined;
}

/** A twin that was never set has an empty value and no time. */
function valueOf(value: unknown): ObservedTwinValue | undefined {
  const text = textIn(value, 'value');
  const at = timeOf(value);
  return text === undefined || (text === '' && at === undefined)
    ? undefined
    : {
        value: text.slice(0, longestValue),
        ...(at !== undefined && { at }),
      };
}
