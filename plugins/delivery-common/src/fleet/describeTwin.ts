// SPDX-License-Identifier: Apache-2.0
import type { FleetTwin, FleetTwinProperty } from '../api/views';
import type {
  ObservedDevice,
  ObservedDeviceModel,
  ObservedDeviceStatus,
} from './observed';

/**
 * A KubeEdge device with three values for each property: what is desired, what the device has seen of
 * that, and what it reports. Up to 1.22 the twins are in the Device, from 1.23 on in a DeviceStatus of
 * the same name; where both are there, the newer place is believed.
 */
export function describeTwin(
  device: ObservedDevice,
  status: ObservedDeviceStatus | undefined,
  model: ObservedDeviceModel | undefined,
): FleetTwin {
  const told = status?.status ?? device.status;
  const layout = device.status ? 'device' : 'none';
  const twins = new Map((told?.twins ?? []).map(twin => [twin.property, twin]));
  const desired = new Map(
    device.desired.map(wanted => [wanted.property, wanted]),
  );
  const described = new Map(
    (model?.properties ?? []).map(property => [property.name, property]),
  );
  const names = new Set([
    ...desired.keys(),
    ...described.keys(),
    ...twins.keys(),
  ]);
  return {
    namespace: device.namespace,
    name: device.name,
    model: device.model,
    layout: status ? 'deviceStatus' : layout,
    state: told?.state,
    lastOnline: told?.lastOnline,
    properties: [...names].map(name => {
      const { type, unit, access, minimum, maximum } =
        described.get(name) ?? {};
      const { observedDesired, reported } = twins.get(name) ?? {};
      const values = {
        desired: desired.get(name)?.value,
        observedDesired: observedDesired?.value,
        reported: reported?.value,
      };
      return {
        name,
        type,
        unit,
        access,
        minimum,
        maximum,
        ...values,
        desiredAt: instantOf(desired.get(name)?.at),
        observedAt: instantOf(observedDesired?.at),
        reportedAt: instantOf(reported?.at),
        drift: driftOf(values),
      };
    }),
  };
}

/**
 * Two kinds of drift, which ask for different things of an operator: the device has not seen what is
 * desired, or it has and reports something else. A property that nobody sets cannot drift.
 */
export function driftOf(values: {
  readonly desired?: string;
  readonly observedDesired?: string;
  readonly reported?: string;
}): FleetTwinProperty['drift'] {
  const { desired, observedDesired, reported } = values;
  if (desired === undefined) {
    return reported === undefined ? 'notReported' : 'none';
  }
  if (desired !== observedDesired) return 'notDelivered';
  return observedDesired === reported ? 'none' : 'notApplied';
}

/** The year 2200: a device with a later clock has none. */
const latest = Date.UTC(2200, 0);

function instantOf(at: number | undefined): string | undefined {
  return at !== undefined && at > 0 && at < latest
    ? new Date(at).toISOString()
    : undefined;
}
