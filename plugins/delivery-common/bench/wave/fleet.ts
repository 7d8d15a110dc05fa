// SPDX-License-Identifier: Apache-2.0
import type { Random } from '../canary/random';

const minute = 60_000;
const hour = 60 * minute;

/** How long the fleets are watched. */
export const horizon = 96 * hour;

/** When something holds: from, until. */
export type Spell = readonly [from: number, until: number];

/** One made-up device and all that will befall it, whoever orders what. */
export interface DeviceFate {
  readonly id: string;
  readonly site: string;
  readonly hardware: 'jetson' | 'pi';
  /** Without network, in order and apart from each other. */
  readonly away: readonly Spell[];
  readonly held: Spell | undefined;
  readonly hot: Spell | undefined;
  readonly full: Spell | undefined;
  /** Fails with any release. */
  readonly isFaulty: boolean;
  readonly isIll: boolean;
  /** How often it says "done" and keeps the old image. */
  readonly lies: number;
  readonly pullTime: number;
}

/** A fleet of Jetsons and Pis at many sites. The wave starts at ten in the morning, at time 0. */
export function makeFleet(random: Random, size: number): DeviceFate[] {
  const sites = makeSites(random, size);
  return Array.from({ length: size }, (_, index) => {
    const site = sites[index % sites.length];
    return makeDevice(
      random,
      `d${index}`,
      random.chance(0.5) ? site : pickLarger(random, sites),
    );
  });
}

interface Site {
  readonly name: string;
  readonly isSlow: boolean;
  readonly lost: Spell | undefined;
}

function makeSites(random: Random, size: number): Site[] {
  const count = Math.max(12, Math.round(size / 12));
  return Array.from({ length: count }, (_, index) => {
    const isLost = random.chance(0.05);
    const from = random.between(-2 * hour, 60 * hour);
    return {
      name: `s${index}`,
      isSlow: random.chance(0.15),
      lost: isLost
        ? [from, from + random.betweenLog(0.5 * hour, 24 * hour)]
        : undefined,
    };
  });
}

/** Sites differ in size: the first are larger. */
function pickLarger(random: Random, sites: readonly Site[]): Site {
  const share = random.between(0, 1) ** 2;
  return sites[Math.floor(share * sites.length)];
}

function makeDevice(random: Random, id: string, site: Site): DeviceFate {
  const hardware = random.chance(0.48) ? 'jetson' : 'pi';
  const median = hardware === 'jetson' ? 4.5 * minute : 2 * minute;
  const slowness = site.isSlow ? 3 : 1;
  const spell = (share: number, from: number, low: number, high: number) =>
    random.chance(share)
      ? ([from, from + random.betweenLog(low, high)] as const)
      : undefined;
  return {
    id,
    site: site.name,
    hardware,
    away: apart([...absences(random), ...(site.lost ? [site.lost] : [])]),
    held: spell(0.03, -hour, 6 * hour, 400 * hour),
    hot: spell(0.05, random.between(-2 * hour, 8 * hour), hour, 5 * hour),
    full: spell(0.02, -hour, 5 * hour, 200 * hour),
    isFaulty: random.chance(0.005),
    isIll: random.chance(0.01),
    lies: liesOf(random),
    pullTime: Math.min(
      40 * minute,
      median * slowness * Math.exp(0.6 * random.normal()),
    ),
  };
}

function liesOf(random: Random): number {
  if (!random.chance(0.055)) return 0;
  return random.chance(0.9) ? 1 : Infinity;
}

/** A mixture as it is met: most are there, some only by day, some flaky, some away for days, some for good. */
function absences(random: Random): Spell[] {
  const kind = random.between(0, 1);
  if (kind < 0.12) return nights(random);
  if (kind < 0.18) return gaps(random, 4 * hour, 8 * minute);
  if (kind < 0.23) {
    const from = random.chance(0.7) ? -hour : random.between(0, 24 * hour);
    return [[from, from + random.between(6 * hour, 80 * hour)]];
  }
  return kind < 0.25 ? [[-hour, Infinity]] : [];
}

function nights(random: Random): Spell[] {
  const off = random.between(8 * hour, 11 * hour);
  const length = random.between(9 * hour, 12 * hour);
  return [0, 1, 2, 3].map(day => {
    const from = day * 24 * hour + off + random.between(0, 20 * minute);
    return [from, from + length] as const;
  });
}

function gaps(random: Random, up: number, down: number): Spell[] {
  const exponential = (mean: number) =>
    -mean * Math.log(1 - random.between(0, 1));
  const spells: Spell[] = [];
  let time = exponential(up) - down;
  while (time < horizon) {
    const until = time + minute + exponential(down);
    spells.push([time, until]);
    time = until + minute + exponential(up);
  }
  return spells;
}

function apart(spells: readonly Spell[]): Spell[] {
  const merged: Spell[] = [];
  for (const [from, until] of [...spells].sort((a, b) => a[0] - b[0])) {
    const last = merged[merged.length - 1];
    if (last && from <= last[1] + minute)
      merged[merged.length - 1] = [last[0], Math.max(last[1], until)];
    else merged.push([from, until]);
  }
  return merged;
}
