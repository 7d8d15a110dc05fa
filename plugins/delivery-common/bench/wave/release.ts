// SPDX-License-Identifier: Apache-2.0
import type { Random } from '../canary/random';

/** What may be wrong with a release. */
export const faults = {
  good: 'good release',
  crash: 'crashes at once',
  soak: 'fails in soak',
  oneClass: 'fails in soak in one class',
  few: 'fails in soak on few devices',
} as const;

export type Fault = keyof typeof faults;

const minute = 60_000;

/** How long the release runs on a device before it fails there; undefined when it does not. */
export function failsAfter(
  fault: Fault,
  device: { readonly hardware: string; readonly isFaulty: boolean },
  random: Random,
): number | undefined {
  const late = 7 * minute * Math.exp(0.45 * random.normal());
  const isAmongFew = random.chance(0.05);
  if (device.isFaulty) return late;
  switch (fault) {
    case 'crash':
      return 0;
    case 'soak':
      return late;
    case 'oneClass':
      return device.hardware === 'jetson' ? late : undefined;
    case 'few':
      return isAmongFew ? late : undefined;
    default:
      return undefined;
  }
}
