// SPDX-License-Identifier: Apache-2.0
import {
  healthChecksDue,
  healthChecksFor,
  type HealthCheckName,
  type HealthChecks,
  type HealthCheckTallies,
  type WaveState,
} from '@causeway/plugin-delivery-common';
import type { StageDevice } from './observeDevices';

/** A device that has to pass checks now. */
export interface DeviceToCheck {
  readonly id: string;
  readonly found: StageDevice;
  readonly checks: HealthChecks;
  readonly due: readonly HealthCheckName[];
  /** How the checks went so far. */
  readonly tallies: HealthCheckTallies;
}

/** The devices of a wave that have to pass checks now: heard, well so far, and with the release. */
export function devicesToCheck(
  wave: WaveState,
  devices: ReadonlyMap<string, StageDevice>,
): readonly DeviceToCheck[] {
  return wave.devices.flatMap(entry => {
    const { id } = entry.device;
    const found = devices.get(id);
    if (!found?.device.connected || found.device.health !== 'ok') return [];
    const checks = healthChecksFor(wave.policy, found.device.hardware);
    const due = healthChecksDue(entry, found.device, wave);
    return checks && due.length > 0
      ? [{ id, found, checks, due, tallies: entry.checks ?? {} }]
      : [];
  });
}
