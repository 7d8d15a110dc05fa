// SPDX-License-Identifier: Apache-2.0
import type { Moment } from './device';
import type { WaveState } from './state';

/**
 * The wave after a time in which nobody looked, as when the portal was down: what ran then was not
 * seen running, so no soak counts it.
 *
 * @param lastLook - when the devices were looked at the last time
 */
export function unobservedSince(wave: WaveState, lastLook: Moment): WaveState {
  return {
    ...wave,
    devices: wave.devices.map(entry => {
      const { run } = entry;
      if (run?.since === undefined) return entry;
      const { since, ...stopped } = run;
      const ran = run.ran + Math.max(0, lastLook - since);
      return { ...entry, run: { ...stopped, ran } };
    }),
  };
}
