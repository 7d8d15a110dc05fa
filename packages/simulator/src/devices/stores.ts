// SPDX-License-Identifier: Apache-2.0
import { Effect, inForce } from './effects';
import { steadyLoad } from './load';
import type { Traits } from './traits';

/** A kubelet reports memory pressure above this share in use. */
export const tightMemory = 0.95;
/** A kubelet reports disk pressure above this share in use. */
export const tightStorage = 0.9;

const week = 7 * 86_400_000;
/** Seconds in which an effect fills the storage. */
const usualFillTime = 30;

/** Share of the memory in use. */
export function memoryShare(
  traits: Traits,
  effects: readonly Effect[],
  at: number,
): number {
  const own = steadyLoad(traits.memoryUse, traits, at / 3);
  const imposed = inForce(effects, 'memoryPressure', at).map(
    ({ parameters }) => parameters?.share ?? 0.97,
  );
  return Math.max(own, ...imposed);
}

/** Share of the storage in use: it grows for a week until old logs and images are removed. */
export function storageShare(
  traits: Traits,
  effects: readonly Effect[],
  at: number,
): number {
  const turn = at / week + traits.maintenance;
  const own = traits.storageUse + 0.12 * (turn - Math.floor(turn));
  const imposed = inForce(effects, 'storageFull', at).map(
    ({ from, parameters }) => {
      const { share = 0.97, fillTime = usualFillTime } = parameters ?? {};
      const part = Math.min(1, (at - from) / 1000 / Math.max(fillTime, 0.001));
      return own + (share - own) * part;
    },
  );
  return Math.max(own, ...imposed);
}

/** Whether an effect fills the storage right now. */
export function isFilling(effects: readonly Effect[], at: number): boolean {
  return inForce(effects, 'storageFull', at).some(
    ({ from, parameters }) =>
      at < from + (parameters?.fillTime ?? usualFillTime) * 1000,
  );
}
