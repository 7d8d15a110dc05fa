// SPDX-License-Identifier: Apache-2.0
import type { DeviceInWave, WaveDevice } from './device';
import {
  healthCheckNames,
  healthChecksFor,
  judgeChecks,
  tallyChecks,
  type HealthCheckName,
} from './healthChecks';
import { usualHealthFailures } from './policy';
import { targetFor, type WaveState } from './state';

/**
 * The checks that a device has to pass now. Only the release is proven by them, so whoever does not run
 * it has none; one that is proven already is asked nothing any more, only what it tells by itself counts.
 */
export function healthChecksDue(
  { progress }: Pick<DeviceInWave, 'progress'>,
  device: WaveDevice,
  wave: Pick<WaveState, 'policy' | 'target'>,
): readonly HealthCheckName[] {
  const wanted = healthChecksFor(wave.policy, device.hardware);
  const runsRelease =
    device.running !== undefined && device.running === targetFor(wave, device);
  if (!wanted || !runsRelease) return [];
  switch (progress.phase) {
    case 'waiting':
    case 'inFlight':
    case 'soaking':
      return healthCheckNames.filter(name => wanted[name] !== undefined);
    case 'proven':
      return healthCheckNames.filter(
        name => wanted[name] !== undefined && name !== 'http' && name !== 'job',
      );
    default:
      return [];
  }
}

/** A device as its checks leave it: well only when all have passed, besides being well without them. */
export function proveHealth(
  entry: Pick<DeviceInWave, 'progress' | 'checks'>,
  device: WaveDevice,
  wave: Pick<WaveState, 'policy' | 'target'>,
): Pick<DeviceInWave, 'device' | 'checks'> {
  // What is not heard of is not judged.
  if (!device.connected) return { device, checks: entry.checks };
  const wanted = healthChecksDue(entry, device, wave);
  if (wanted.length === 0 || device.health !== 'ok')
    return { device, checks: undefined };
  const checks = tallyChecks(wanted, entry.checks, device.checks);
  const { healthFailures = usualHealthFailures } = wave.policy;
  const verdict = judgeChecks(wanted, checks, healthFailures);
  switch (verdict.health) {
    case 'failed':
      return {
        device: { ...device, health: 'failed', trouble: verdict.because },
        checks,
      };
    case 'unknown':
      // After the proof only a failure counts.
      return entry.progress.phase === 'proven'
        ? { device, checks }
        : {
            device: { ...device, health: 'unknown', doubt: verdict.because },
            checks,
          };
    default:
      return { device, checks };
  }
}
