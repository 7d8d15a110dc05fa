// SPDX-License-Identifier: Apache-2.0
import { later, type Instant } from '../time';
import type { Gate, GateDefinitionOf } from './gate';
import type { Known } from './known';
import type { StageObservation } from './observation';
import { sayDuration } from './sayDuration';
import type { StageDevice } from './stageDevices';
import type { GateVerdict } from './verdict';

type Definition = GateDefinitionOf<'deviceHealth'>;
type Answer = Omit<GateVerdict, 'gate' | 'kind'>;

/** How a device counts now. */
type Standing =
  | { readonly is: 'healthy'; readonly name: string; readonly since: Instant }
  | { readonly is: 'unhealthy'; readonly name: string; readonly why: string }
  /** Away for so long that it does not count. */
  | { readonly is: 'ignored'; readonly name: string };

/** What is said of the devices of a stage. */
interface Count {
  readonly definition: Definition;
  readonly version: string;
  readonly now: Instant;
  readonly standings: readonly Standing[];
  readonly withoutPod: number;
  readonly heard: number;
}

/** Devices that are named in one sentence. */
const named = 3;
/** Longer reasons are cut. */
const longestReason = 120;

/**
 * Enough devices of an earlier stage have been healthy with the release, each for long enough and
 * watched all the time. Whatever is not known about a device makes it not healthy; one that is away
 * counts so, too, until the document lets go of it.
 */
export const deviceHealth: Gate<'deviceHealth'> = {
  kind: 'deviceHealth',
  needs: ({ stage }) => [
    { fact: 'stage', stage },
    { fact: 'devices', stage },
  ],
  evaluate(definition, { question, facts, now }) {
    const { stage } = definition;
    const { version } = question.release;
    const about = { gate: definition.name, kind: definition.kind };
    const seen = facts.stages[stage];
    if (!seen?.known) return { ...about, ...unseen(stage, seen, now) };
    const devices = facts.devices[stage];
    if (!devices?.known) return { ...about, ...unseen(stage, devices, now) };
    const there = seen.value;
    if (!there || there.health === 'gone') {
      return { ...about, ...absent(version, definition, there) };
    }
    return {
      ...about,
      ...answer({
        definition,
        version,
        now,
        standings: devices.value.devices.map(device =>
          standingOf(device, there.watchedSince, definition, now),
        ),
        withoutPod: devices.value.withoutPod,
        heard: devices.value.devices.filter(
          ({ connectivity }) => connectivity === 'live',
        ).length,
      }),
    };
  },
};

function unseen(
  stage: string,
  fact: Extract<Known<never>, { known: false }> | undefined,
  now: Instant,
): Answer {
  return {
    verdict: 'waiting',
    code: 'devicesUnknown',
    reason: `How the devices in ${stage} do can not be seen now${
      fact ? `: ${fact.problem}` : '.'
    }`,
    owners: [],
    since: fact?.since ?? now,
  };
}

/** Devices say nothing about a release that is not among them. */
function absent(
  version: string,
  { stage, duration }: Definition,
  seen: StageObservation | undefined,
): Answer {
  return {
    verdict: 'waiting',
    code: seen ? 'leftStage' : 'notThereYet',
    reason: `${version} ${
      seen ? `does not run in ${stage} any more` : `was never seen in ${stage}`
    }; devices must be healthy with it there for ${sayDuration(duration)}.`,
    owners: [],
    ...(seen && { since: seen.since }),
  };
}

function standingOf(
  device: StageDevice,
  watchedSince: Instant,
  { ignoreAway = Infinity }: Definition,
  now: Instant,
): Standing {
  const { name } = device;
  const unhealthy = (why: string): Standing => ({
    is: 'unhealthy',
    name,
    why,
  });
  const age = (since: Instant | undefined) =>
    Date.parse(now) - Date.parse(since ?? now);
  if (device.connectivity !== 'live') {
    const away = age(device.connectivitySince);
    return away >= ignoreAway
      ? { is: 'ignored', name }
      : unhealthy(`is away for ${sayDuration(away)}`);
  }
  if (device.release === 'another') return unhealthy('has another version');
  if (device.release === 'notReady') {
    return unhealthy(`runs it not ready${because(device.releaseReason)}`);
  }
  if (device.health !== 'ok') {
    const since = sayDuration(age(device.healthSince));
    return unhealthy(
      `is in state ${device.health} for ${since}${because(
        device.healthReason,
      )}`,
    );
  }
  if (!device.isMeasured) {
    return unhealthy(
      device.unmeasuredSince
        ? `is not measured for ${sayDuration(age(device.unmeasuredSince))}`
        : 'was not measured yet',
    );
  }
  const beginnings = [
    watchedSince,
    device.healthSince ?? now,
    device.measuredSince ?? watchedSince,
    // A clock that goes ahead says nothing about since when.
    ...(device.readySince && device.readySince <= now
      ? [device.readySince]
      : []),
  ];
  return { is: 'healthy', name, since: latest(beginnings) };
}

function latest(instants: readonly Instant[]): Instant {
  return instants.reduce((one, other) => (one > other ? one : other));
}

function because(reason: string | undefined): string {
  if (!reason) return '';
  const line = reason.replace(/\s+/g, ' ').replace(/\.$/, '').trim();
  const text =
    line.length > longestReason ? `${line.slice(0, longestReason)}…` : line;
  return ` (${text})`;
}

function answer(seen: Count): Answer {
  const { definition, standings, withoutPod, now } = seen;
  const { stage, atLeast, duration, healthyPercent } = definition;
  if (seen.heard < atLeast) {
    return {
      verdict: 'waiting',
      code: 'tooFewDevices',
      reason: `${seen.heard} of ${
        standings.length
      } devices in ${stage} are heard, at least ${atLeast} needed${remarks(
        seen,
      )}.`,
      owners: [],
    };
  }
  const since = standings
    .flatMap(each => (each.is === 'healthy' ? [each.since] : []))
    .sort();
  const counting =
    standings.filter(({ is }) => is !== 'ignored').length + withoutPod;
  // Rounded up, but not because of how a computer writes a fraction.
  const needed = Math.max(
    1,
    Math.ceil((healthyPercent * counting) / 100 - 1e-9),
  );
  const many = `${since.length} of ${counting} devices in ${stage}`;
  if (since.length < needed) {
    return {
      verdict: 'waiting',
      code: 'devicesUnhealthy',
      reason: `${many} are healthy with ${
        seen.version
      }, ${healthyPercent} % needed${remarks(seen)}.`,
      owners: [],
    };
  }
  const healthySince = since[needed - 1];
  const due = later(healthySince, duration);
  if (now < due) {
    const held = since.filter(each => later(each, duration) <= now).length;
    return {
      verdict: 'waiting',
      code: 'devicesHolding',
      reason: `${many} are healthy with ${
        seen.version
      }, ${held} of them for ${sayDuration(
        duration,
      )}; ${healthyPercent} % must be${remarks(seen)}.`,
      owners: [],
      since: healthySince,
      expected: due,
    };
  }
  return {
    verdict: 'passed',
    code: 'devicesHealthy',
    reason: `${many} are healthy with ${
      seen.version
    }, ${healthyPercent} % of them for ${sayDuration(duration)}${remarks(
      seen,
    )}.`,
    owners: [],
    since: healthySince,
  };
}

/** What is wrong, by name as far as a sentence goes, and who is left out. */
function remarks({ definition, standings, withoutPod }: Count): string {
  const unhealthy = standings.flatMap(each =>
    each.is === 'unhealthy' ? [`${each.name} ${each.why}`] : [],
  );
  const ignored = standings.flatMap(each =>
    each.is === 'ignored' ? [each.name] : [],
  );
  const longAway = definition.ignoreAway
    ? `away for ${sayDuration(definition.ignoreAway)} or longer`
    : 'away';
  return [
    ...(unhealthy.length > 0 ? [someOf(unhealthy)] : []),
    ...(withoutPod > 0 ? [`${withoutPod} without a pod of it`] : []),
    ...(ignored.length > 0
      ? [`not counted, because ${longAway}: ${someOf(ignored)}`]
      : []),
  ]
    .map(remark => `; ${remark}`)
    .join('');
}

function someOf(names: readonly string[]): string {
  const rest = names.length - named;
  return [...names.slice(0, named), ...(rest > 0 ? [`${rest} more`] : [])].join(
    ', ',
  );
}
