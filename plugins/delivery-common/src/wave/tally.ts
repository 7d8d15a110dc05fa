// SPDX-License-Identifier: Apache-2.0
import { runAge, type DeviceInWave, type Moment } from './device';
import { startLimit } from './evidence';
import type { WavePolicy } from './policy';
import { BySite, type SiteTally } from './siteBudget';
import type { WaveState } from './state';
import { failureRate } from './statistics';

/** What the devices of one hardware class say together. */
export interface ClassTally {
  total: number;
  /** Ordered and not yet seen running. */
  inFlight: number;
  inSoak: number;
  proven: number;
  /** Got an order, ever. */
  ordered: number;
  /** Went away with an order and did not come back. */
  vanished: number;
  readonly failures: number;
  readonly rate: number;
  readonly lastFailureAt?: Moment;
  provenSinceFailure: number;
  /** How many may be unproven; set once, so that what starts now does not change it. */
  limit: number;
  /** Where it failed, and where its first devices are. */
  readonly failedSites: Set<string>;
}

/** The wave in numbers, at one moment. */
export interface Tallies {
  readonly now: Moment;
  readonly sites: BySite<SiteTally>;
  readonly classes: Map<string, ClassTally>;
  /** Of the whole wave. */
  readonly failures: number;
  readonly rate: number;
  down: number;
  inGate: number;
  pulling: number;
  readonly fleet: number;
}

function isAwayLong(
  { awaySince }: DeviceInWave,
  policy: WavePolicy,
  now: Moment,
): boolean {
  return awaySince !== undefined && now - awaySince >= policy.awayAfter;
}

/** Whether a device uses its site's budget: it is down, or may be at any moment. */
export function isBusy(
  entry: DeviceInWave,
  policy: WavePolicy,
  now: Moment,
): boolean {
  const { device, progress } = entry;
  if (progress.phase === 'excluded') return false;
  if (progress.phase === 'inFlight') return true;
  // An order that was withdrawn may have been carried out all the same.
  if (
    progress.phase === 'waiting' &&
    progress.withdrawn &&
    now - progress.withdrawn.at < policy.awayAfter
  )
    return true;
  if (progress.phase === 'takingBack') return !isAwayLong(entry, policy, now);
  if (!device.connected) return false;
  return (
    progress.phase === 'failed' ||
    device.health === 'failed' ||
    device.switching === true
  );
}

/** Down for no reason of this wave. */
function isIll({ device, progress }: DeviceInWave): boolean {
  return (
    device.health === 'failed' &&
    progress.phase !== 'inFlight' &&
    progress.phase !== 'failed' &&
    progress.phase !== 'takingBack'
  );
}

/** Whether a device holds up its class: unproven, and neither away nor slow. */
export function isInGate(
  entry: DeviceInWave,
  policy: WavePolicy,
  now: Moment,
): boolean {
  const { progress } = entry;
  if (progress.phase === 'inFlight')
    return now - progress.at < policy.slowAfter;
  return (
    progress.phase === 'soaking' &&
    !isAwayLong(entry, policy, now) &&
    now - progress.at < progress.soak + policy.slowAfter
  );
}

/** Whether a pull that was asked for still takes one of the places. */
export function isPulling(
  { device, pull }: DeviceInWave,
  policy: WavePolicy,
  now: Moment,
): boolean {
  return (
    pull !== undefined &&
    pull.failedAt === undefined &&
    device.connected &&
    device.image !== 'present' &&
    now - pull.at < policy.slowAfter
  );
}

interface Runs {
  readonly ages: number[];
  readonly failureAges: number[];
  lastFailureAt?: Moment;
  readonly sites: Set<string>;
}

const noRuns = (): Runs => ({ ages: [], failureAges: [], sites: new Set() });

function rateOf({ ages, failureAges }: Runs) {
  if (failureAges.length === 0) return { failures: 0, rate: 0 };
  return failureRate(failureAges, Float64Array.from(ages).sort());
}

function collectRuns(devices: readonly DeviceInWave[], now: Moment) {
  const wave = noRuns();
  const byHardware = new Map<string, Runs>();
  for (const { run, device } of devices) {
    if (!run?.counts) continue;
    const mine = byHardware.get(run.hardware) ?? noRuns();
    byHardware.set(run.hardware, mine);
    const age = runAge(run, now);
    for (const runs of [wave, mine]) {
      runs.ages.push(age);
      if (run.failedAt === undefined) continue;
      runs.failureAges.push(age);
      runs.sites.add(device.site);
      runs.lastFailureAt = Math.max(runs.lastFailureAt ?? 0, run.failedAt);
    }
  }
  return { wave, byHardware };
}

function emptyClass(runs: Runs = noRuns()): ClassTally {
  return {
    total: 0,
    inFlight: 0,
    inSoak: 0,
    proven: 0,
    ordered: 0,
    vanished: 0,
    provenSinceFailure: 0,
    limit: 0,
    failedSites: runs.sites,
    lastFailureAt: runs.lastFailureAt,
    ...rateOf(runs),
  };
}

function addToClass(
  mine: ClassTally,
  entry: DeviceInWave,
  inGate: boolean,
): void {
  const { progress } = entry;
  mine.total++;
  if (entry.orders > 0) mine.ordered++;
  if (inGate && progress.phase === 'inFlight') mine.inFlight++;
  if (inGate && progress.phase === 'soaking') mine.inSoak++;
  if (progress.phase === 'proven') {
    mine.proven++;
    if (progress.at > (mine.lastFailureAt ?? -1)) mine.provenSinceFailure++;
  }
  if (
    progress.phase === 'waiting' &&
    progress.withdrawn?.wasAway &&
    entry.awaySince !== undefined
  )
    mine.vanished++;
}

/** Counts a wave: one pass over its devices, and a sort of ages once something has failed. */
export function tallyWave(
  { devices, policy }: Pick<WaveState, 'devices' | 'policy'>,
  now: Moment,
): Tallies {
  const runs = collectRuns(devices, now);
  const tallies: Tallies = {
    now,
    sites: new BySite(() => ({ total: 0, connected: 0, busy: 0, ill: 0 })),
    classes: new Map(),
    ...rateOf(runs.wave),
    down: 0,
    inGate: 0,
    pulling: 0,
    fleet: devices.length,
  };
  for (const entry of devices) {
    const { device, progress } = entry;
    if (progress.phase === 'excluded' || entry.gone !== undefined) continue;
    const busy = isBusy(entry, policy, now);
    if (busy) tallies.down++;
    for (const site of tallies.sites.add(device)) {
      site.total++;
      if (device.connected) site.connected++;
      if (busy) site.busy++;
      if (busy && isIll(entry)) site.ill++;
    }
    const inGate = isInGate(entry, policy, now);
    if (inGate) tallies.inGate++;
    if (isPulling(entry, policy, now)) tallies.pulling++;
    const { hardware } = device;
    const mine =
      tallies.classes.get(hardware) ??
      emptyClass(runs.byHardware.get(hardware));
    tallies.classes.set(hardware, mine);
    addToClass(mine, entry, inGate);
  }
  for (const mine of tallies.classes.values())
    mine.limit = startLimit(mine, tallies, policy);
  return tallies;
}
