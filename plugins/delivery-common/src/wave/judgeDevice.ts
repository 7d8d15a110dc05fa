// SPDX-License-Identifier: Apache-2.0
import type { WaveDecision } from './decision';
import {
  orderOf,
  runAge,
  type DeviceInWave,
  type Moment,
  type WaveDevice,
  type WaveProgress,
  type WaveRun,
} from './device';
import { blockOf } from './obstacle';
import { targetFor, type WaveState } from './state';

/** What one look at a device changes, and what is to be said or done about it. */
export interface Finding {
  readonly change: Partial<DeviceInWave>;
  readonly decision?: WaveDecision;
}

interface Look {
  readonly wave: WaveState;
  readonly now: Moment;
  readonly target: string | undefined;
}

type Of<Phase extends WaveProgress['phase']> = Extract<
  WaveProgress,
  { readonly phase: Phase }
>;

/** What a device shows, held against what was ordered. Undefined when nothing changes. */
export function judgeDevice(
  entry: DeviceInWave,
  wave: WaveState,
  now: Moment,
): Finding | undefined {
  const look = { wave, now, target: targetFor(wave, entry.device) };
  const { progress } = entry;
  switch (progress.phase) {
    case 'waiting':
      return foundRunning(entry, look);
    case 'inFlight':
      return entry.device.connected
        ? inFlight(entry, progress, look)
        : lostInFlight(entry, look);
    case 'soaking':
    case 'proven':
      return entry.device.connected
        ? running(entry, progress, look)
        : stopClock(entry, now);
    case 'takingBack':
      return takenBack(entry, progress, look);
    default:
      return undefined;
  }
}

const hasIncident = ({ wave }: Look) =>
  wave.pauses.some(({ kind }) => kind === 'incident');

function stopClock({ run }: DeviceInWave, now: Moment): Finding | undefined {
  if (run?.since === undefined) return undefined;
  return { change: { run: stopped(run, now) } };
}

/** Time that runs on is not seen any more. */
export function stopped({ since, ...run }: WaveRun, now: Moment): WaveRun {
  return since === undefined ? run : { ...run, ran: run.ran + now - since };
}

/** A device that runs the release without a valid order: one that was withdrawn too late, or a person's doing. */
function foundRunning(entry: DeviceInWave, look: Look): Finding | undefined {
  const { device } = entry;
  const { wave, now, target } = look;
  if (!device.connected || !target || device.running !== target)
    return undefined;
  if (wave.stop?.takeBack)
    return {
      change: {
        progress: {
          phase: 'owed',
          at: now,
          reason: 'It runs the release although the wave has stopped.',
        },
      },
    };
  const soak = wave.policy.firstSoak;
  const counts = entry.orders > 0;
  const found = {
    phase: 'inFlight',
    at: now,
    soak,
    counts,
  } as const;
  return begins(entry, found, look) ?? { change: { progress: found } };
}

/** The release is seen on the device for the first time. */
function begins(
  entry: DeviceInWave,
  { soak, counts }: Of<'inFlight'>,
  look: Look,
): Finding | undefined {
  const { device } = entry;
  const { now } = look;
  if (device.health === 'failed')
    return fails(
      entry,
      withTrouble('It is unhealthy with the release', device),
      counts,
      look,
    );
  if (device.health === 'unknown') return undefined;
  const run = { hardware: device.hardware, ran: 0, since: now, counts };
  return {
    change: { run, progress: { phase: 'soaking', at: now, soak } },
    decision: {
      kind: 'soaking',
      device: device.id,
      because: 'It runs the wanted digest and is healthy.',
    },
  };
}

function withTrouble(sentence: string, { trouble }: WaveDevice): string {
  return trouble ? `${sentence} (${trouble}).` : `${sentence}.`;
}

function fails(
  entry: DeviceInWave,
  reason: string,
  counts: boolean,
  look: Look,
): Finding | undefined {
  const { now } = look;
  if (hasIncident(look)) return stopClock(entry, now);
  const { id, hardware } = entry.device;
  const run = stopped(entry.run ?? { hardware, ran: 0, counts }, now);
  return {
    change: {
      run: { ...run, failedAt: now },
      progress: { phase: 'failed', at: now, reason },
    },
    decision: { kind: 'failed', device: id, because: reason },
  };
}

function lostInFlight(
  entry: DeviceInWave,
  { wave, now }: Look,
): Finding | undefined {
  const { awaySince = now } = entry;
  if (now - awaySince < wave.policy.awayAfter) return undefined;
  return withdraws(entry, wave.id, now, true, 'It went away.');
}

/** Takes an order back that was not seen carried out. */
export function withdraws(
  entry: DeviceInWave,
  wave: string,
  now: Moment,
  wasAway: boolean,
  because: string,
): Finding {
  const withdrawn = { at: now, wasAway };
  return {
    change: { progress: { phase: 'waiting', withdrawn } },
    decision: {
      kind: 'withdraw',
      device: entry.device.id,
      order: orderOf(wave, entry),
      because,
    },
  };
}

function inFlight(
  entry: DeviceInWave,
  progress: Of<'inFlight'>,
  look: Look,
): Finding | undefined {
  const { device } = entry;
  const { wave, now, target } = look;
  if (device.running === target) return begins(entry, progress, look);
  const order = orderOf(wave.id, entry);
  const report = device.report?.order === order ? device.report : undefined;
  if (report?.outcome === 'failed')
    return fails(
      entry,
      report.reason ?? 'It says that the order failed.',
      progress.counts,
      look,
    );
  if (report && device.running !== undefined) return saidDone(entry, look);
  if (device.switching) return undefined;
  if (device.hold)
    return withdraws(entry, wave.id, now, false, 'It is held now.');
  const reason = blockOf(entry, wave);
  return reason === undefined
    ? undefined
    : withdraws(entry, wave.id, now, false, `Now ${reason}.`);
}

/** "Done", it says, and runs the old digest: asked again some times, and never believed. */
function saidDone(entry: DeviceInWave, { wave, now }: Look): Finding {
  const device = entry.device.id;
  const deceptions = (entry.deceptions ?? 0) + 1;
  if (deceptions > wave.policy.repeats) {
    const reason = `It said ${deceptions} times that it was done and runs the old digest.`;
    return {
      change: { progress: { phase: 'notProven', at: now, reason } },
      decision: { kind: 'notProven', device, because: reason },
    };
  }
  const because = 'It said that it was done and runs the old digest.';
  const again = withdraws(entry, wave.id, now, false, because);
  return { ...again, change: { ...again.change, deceptions } };
}

/** A device that soaks, or is watched after its proof. */
function running(
  entry: DeviceInWave,
  progress: Of<'soaking'> | Of<'proven'>,
  look: Look,
): Finding | undefined {
  const { device, run } = entry;
  const { now, target } = look;
  if (!run) return undefined;
  if (progress.phase === 'proven' && now >= progress.watchUntil)
    return stopClock(entry, now);
  if (device.running !== undefined && device.running !== target)
    return runsOther(entry, run, look);
  if (device.health === 'failed')
    return fails(
      entry,
      withTrouble('It became unhealthy', device),
      run.counts,
      look,
    );
  if (device.health === 'unknown' || device.running === undefined)
    return stopClock(entry, now);
  if (run.since === undefined)
    return { change: { run: { ...run, since: now } } };
  if (progress.phase === 'proven' || runAge(run, now) < progress.soak)
    return undefined;
  return proves(entry, look);
}

function proves({ device }: DeviceInWave, { wave, now }: Look): Finding {
  const watchUntil = now + wave.policy.watch;
  return {
    change: { progress: { phase: 'proven', at: now, watchUntil } },
    decision: {
      kind: 'proven',
      device: device.id,
      because: 'It runs the wanted digest, is healthy and has soaked.',
    },
  };
}

function runsOther(
  entry: DeviceInWave,
  run: WaveRun,
  look: Look,
): Finding | undefined {
  const { device, previous } = entry;
  const { now } = look;
  if (device.running === previous)
    return fails(entry, 'It went back by itself.', run.counts, look);
  const reason = 'It runs something that this wave did not order.';
  return {
    change: {
      run: stopped(run, now),
      progress: { phase: 'excluded', at: now, reason },
    },
    decision: { kind: 'excluded', device: device.id, because: reason },
  };
}

function takenBack(
  { device }: DeviceInWave,
  { reason }: Of<'takingBack'>,
  { now, target }: Look,
): Finding | undefined {
  const isBack =
    device.connected &&
    device.running !== undefined &&
    device.running !== target;
  if (!isBack) return undefined;
  return {
    change: { progress: { phase: 'takenBack', at: now, reason } },
    decision: {
      kind: 'takenBack',
      device: device.id,
      because: 'It no longer runs the release.',
    },
  };
}
