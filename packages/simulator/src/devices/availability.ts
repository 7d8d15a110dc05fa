// SPDX-License-Identifier: Apache-2.0
import { between } from './chance';
import type { Device } from './Device';
import { Effect, inForce, ofKind } from './effects';
import { hardware } from './hardware';
import type { Traits } from './traits';

/** Devices are restarted for maintenance once in this time, in milliseconds. */
const maintenanceInterval = 45 * 86_400_000;
/** From this share of lost packets on no connection holds. */
const hopelessLoss = 0.9;

/** A time without power or not yet booted, in milliseconds since the epoch. */
interface Downtime {
  readonly from: number;
  /** When the device has booted. */
  readonly until: number;
}

const always: readonly Downtime[] = [];

function downtimes(
  device: Device,
  effects: readonly Effect[],
): readonly Downtime[] {
  if (effects.length === 0) return always;
  const boot = hardware[device.hardware].bootTime * 1000;
  const off = ofKind(effects, 'powerOff').map(({ from, until }) => ({
    from,
    until: until + boot,
  }));
  const reboots = ofKind(effects, 'reboot').map(({ from }) => ({
    from,
    until: from + boot,
  }));
  return [...off, ...reboots];
}

/** Whether a device has power and has booted. */
export function isRunning(
  device: Device,
  effects: readonly Effect[],
  at: number,
): boolean {
  return !downtimes(device, effects).some(
    ({ from, until }) => from <= at && at < until,
  );
}

/**
 * When a device booted last, in milliseconds since the epoch. Maintenance
 * before `worldBegan` is remembered; none happens in a world that runs.
 */
export function bootedAt(
  device: Device,
  traits: Traits,
  effects: readonly Effect[],
  at: number,
  worldBegan: number,
): number {
  const offset = traits.maintenance * maintenanceInterval;
  const turn = Math.floor(
    (Math.min(at, worldBegan) - offset) / maintenanceInterval,
  );
  const boots = downtimes(device, effects)
    .map(({ until }) => until)
    .filter(until => until <= at);
  const maintained = Math.round(turn * maintenanceInterval + offset);
  return Math.max(maintained, ...boots);
}

/** Whether the network is away at this moment of the effect. */
function isAway(
  device: Device,
  effect: Effect & { readonly kind: 'flapping' },
  at: number,
): boolean {
  const { period = 60, awayShare = 0.5 } = effect.parameters ?? {};
  const phase = between(0, 1, 0, 'flapping', device.name);
  // It begins with the network there, so that every device is seen to go.
  const turn = (at - effect.from) / 1000 / period + phase * (1 - awayShare);
  return turn - Math.floor(turn) >= 1 - awayShare;
}

/** Whether packets of a device reach its cluster. */
export function isReachable(
  device: Device,
  effects: readonly Effect[],
  at: number,
): boolean {
  if (inForce(effects, 'offline', at).length > 0) return false;
  if (inForce(effects, 'flapping', at).some(each => isAway(device, each, at)))
    return false;
  return addedLoss(effects, at) < hopelessLoss;
}

/** The share of packets that effects lose. */
export function addedLoss(effects: readonly Effect[], at: number): number {
  const arriving = inForce(effects, 'packetLoss', at).reduce(
    (share, { parameters }) => share * (1 - (parameters?.share ?? 0.2)),
    1,
  );
  return 1 - arriving;
}
