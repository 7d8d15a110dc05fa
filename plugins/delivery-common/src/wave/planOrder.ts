// SPDX-License-Identifier: Apache-2.0
import type { WaveDevice } from './device';
import type { RingRule, WavePolicy } from './policy';

/**
 * The place of a device in the plan, from its id and the wave alone: devices that come, go or change
 * labels move no other, and each wave begins elsewhere. FNV-1a with a final mix.
 */
export function rankOf(wave: string, id: string): number {
  let hash = 0x811c9dc5;
  for (const text of [wave, '/', id])
    for (let index = 0; index < text.length; index++)
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

interface Ranked {
  readonly rank: number;
  readonly device: { readonly id: string };
}

/** Order of the plan; ids decide between equal ranks. */
export function byRank(one: Ranked, other: Ranked): number {
  if (one.rank !== other.rank) return one.rank - other.rank;
  if (one.device.id === other.device.id) return 0;
  return one.device.id < other.device.id ? -1 : 1;
}

/** The names of the rings of a policy, the last for all that no rule names. */
export function ringNames({ mode }: WavePolicy): readonly string[] {
  if (mode.kind !== 'rings') return ['All devices'];
  return [...mode.rings.map(({ name }) => name), 'The rest'];
}

function matches(rule: RingRule, device: WaveDevice, rank: number): boolean {
  if (rule.sites && !rule.sites.includes(device.site)) return false;
  if (rule.hardware && !rule.hardware.includes(device.hardware)) return false;
  for (const [key, value] of Object.entries(rule.labels ?? {}))
    if (device.labels?.[key] !== value) return false;
  return rule.share === undefined || rank < rule.share * 2 ** 32;
}

/** Index of the first ring that takes a device. */
export function ringOf(
  { mode }: WavePolicy,
  device: WaveDevice,
  rank: number,
): number {
  if (mode.kind !== 'rings') return 0;
  const index = mode.rings.findIndex(rule => matches(rule, device, rank));
  return index < 0 ? mode.rings.length : index;
}
