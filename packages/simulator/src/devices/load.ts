// SPDX-License-Identifier: Apache-2.0
import type { Effect } from './effects';
import { inForce, ofKind } from './effects';
import type { Traits } from './traits';

/** A rhythm of the work: how long a turn takes in milliseconds, and how far it sways. */
interface Rhythm {
  readonly turn: number;
  readonly sway: number;
}

const day = 86_400_000;

/** Parcels come by day, in shifts, by lorry and by belt. Together they sway less than the least average. */
const rhythms: readonly Rhythm[] = [
  { turn: day, sway: 0.09 },
  { turn: 4_680_000, sway: 0.05 },
  { turn: 1_020_000, sway: 0.04 },
  { turn: 310_000, sway: 0.03 },
  { turn: 95_000, sway: 0.02 },
];

/** The most that work is above its average. */
export const greatestSway = rhythms.reduce((sum, { sway }) => sum + sway, 0);

/** Share of the processors or the GPU that works. `average` is the trait; the rhythms are the device's. */
export function steadyLoad(
  average: number,
  { phases }: Pick<Traits, 'phases'>,
  at: number,
): number {
  return rhythms.reduce(
    (load, { turn, sway }, index) =>
      load + sway * Math.sin(2 * Math.PI * (at / turn + phases[index])),
    average,
  );
}

/** Milliseconds of work of one processor between two instants: the integral of `steadyLoad`. */
function steadyWork(
  average: number,
  { phases }: Pick<Traits, 'phases'>,
  from: number,
  until: number,
): number {
  return rhythms.reduce((work, { turn, sway }, index) => {
    const cosine = (at: number) =>
      Math.cos(2 * Math.PI * (at / turn + phases[index]));
    return (
      work + ((sway * turn) / (2 * Math.PI)) * (cosine(from) - cosine(until))
    );
  }, average * (until - from));
}

/** What `load` effects ask for at an instant; undefined when there are none. */
function imposedLoad(
  effects: readonly Effect[],
  part: 'cpu' | 'gpu',
  at: number,
): number | undefined {
  const asked = inForce(effects, 'load', at);
  if (asked.length === 0) return undefined;
  return Math.max(...asked.map(({ parameters }) => parameters?.[part] ?? 0.95));
}

/** Share of the processors that works at an instant. */
export function cpuLoad(
  traits: Traits,
  effects: readonly Effect[],
  at: number,
): number {
  return (
    imposedLoad(effects, 'cpu', at) ?? steadyLoad(traits.cpuLoad, traits, at)
  );
}

/** Share of the GPU that works at an instant. */
export function gpuLoad(
  traits: Traits,
  effects: readonly Effect[],
  at: number,
): number {
  return (
    imposedLoad(effects, 'gpu', at) ?? steadyLoad(traits.gpuLoad, traits, at)
  );
}

/** Milliseconds that one processor worked between two instants, for counters: never less for a later `until`. */
export function cpuWork(
  traits: Traits,
  effects: readonly Effect[],
  from: number,
  until: number,
): number {
  const edges = ofKind(effects, 'load')
    .flatMap(effect => [effect.from, effect.until])
    .filter(edge => from < edge && edge < until);
  const moments = [...new Set([from, ...edges, until])].sort((a, b) => a - b);
  return moments.slice(1).reduce((work, end, index) => {
    const start = moments[index];
    const imposed = imposedLoad(effects, 'cpu', start);
    return (
      work +
      (imposed === undefined
        ? steadyWork(traits.cpuLoad, traits, start, end)
        : imposed * (end - start))
    );
  }, 0);
}
