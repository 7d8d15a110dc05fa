// SPDX-License-Identifier: Apache-2.0
import type { DeviceSight, DrillOrder, DrillSight, PodSight } from './drill';
import { busyFrom, type DrillQuestion } from './drillKind';

/** Whether something is so at this look, and what was seen. */
export interface Answer {
  readonly isSo: boolean;
  readonly value: string;
}

/** The answer to a question about a device at one look; undefined when it can not be seen. */
export function answerQuestion(
  asks: DrillQuestion,
  about: {
    readonly device: string;
    readonly order: Pick<DrillOrder, 'devices'>;
    readonly before: DrillSight;
    readonly sight: DrillSight;
  },
): Answer | undefined {
  const now = about.sight[about.device];
  const before = about.before[about.device];
  if (asks === 'othersWell') return othersWell(about);
  if (!now || !before) return undefined;
  const isHeard = now.connectivity === 'live';
  if (asks === 'away' || asks === 'connected') {
    return {
      isSo: isHeard === (asks === 'connected'),
      value: isHeard ? 'connected' : now.connectivity,
    };
  }
  if (asks === 'bootedAnew') return bootedAnew(now, before);
  return isHeard ? answerOfHeard(asks, now, before) : undefined;
}

function answerOfHeard(
  asks: Exclude<
    DrillQuestion,
    'away' | 'connected' | 'bootedAnew' | 'othersWell'
  >,
  now: DeviceSight,
  before: DeviceSight,
): Answer | undefined {
  switch (asks) {
    case 'troubled':
    case 'healthy': {
      if (now.health === 'unknown') return undefined;
      const isWell = now.health === 'ok';
      const why = now.healthReason?.replace(/\.$/, '') ?? now.health;
      const value = isWell ? 'healthy' : why;
      return { isSo: isWell === (asks === 'healthy'), value };
    }
    case 'busy':
      return now.processors === undefined
        ? undefined
        : {
            isSo: now.processors >= busyFrom,
            value: `${Math.round(now.processors)} % of the processors`,
          };
    case 'cool':
      return (
        now.temperature && {
          isSo: now.temperature.value < now.temperature.critical,
          value: `${Math.round(now.temperature.value)} °C of ${
            now.temperature.critical
          } °C`,
        }
      );
    case 'ready': {
      const wanted = Object.keys(before.pods).length;
      const running = runningOf(now);
      return { isSo: running >= wanted, value: `${running} of ${wanted} pods` };
    }
    case 'notRestarted': {
      const restarted = restartedPods(now, before);
      return restarted.length === 0
        ? { isSo: true, value: 'no restart' }
        : { isSo: false, value: `restarted: ${restarted.join(', ')}` };
    }
    case 'readyAnew':
      return readyAnew(now, before);
    case 'restarted':
      return startedAnew(now, before);
    case 'restartedOnce':
      return startedTwice(now, before);
    case 'sameRelease':
      return now.isRelease === undefined
        ? undefined
        : {
            isSo: now.isRelease,
            value: now.isRelease ? 'the same' : 'another release',
          };
    default:
      throw new TypeError(`Unknown question ${asks satisfies never}`);
  }
}

/** All devices of the same site that are not drilled, as far as they were well before. */
function othersWell({
  device,
  order,
  before,
  sight,
}: Parameters<typeof answerQuestion>[1]): Answer | undefined {
  const { site } = before[device] ?? {};
  const drilled = new Set(order.devices.map(({ id }) => id));
  const others = Object.keys(before).filter(
    id =>
      !drilled.has(id) &&
      before[id].site === site &&
      before[id].connectivity === 'live',
  );
  if (others.length === 0) return { isSo: true, value: 'there are none' };
  const seen = others.filter(id => sight[id]);
  if (seen.length < others.length) return undefined;
  const disturbed = seen.filter(
    id =>
      sight[id].connectivity !== 'live' ||
      restartedPods(sight[id], before[id]).length > 0,
  );
  return disturbed.length === 0
    ? { isSo: true, value: `${others.length} as before` }
    : { isSo: false, value: `disturbed: ${disturbed.join(', ')}` };
}

/** Pods from before that were started anew or are gone. */
function restartedPods(
  now: DeviceSight,
  before: DeviceSight,
): readonly string[] {
  return Object.keys(before.pods).filter(
    name => (now.pods[name]?.restarts ?? Infinity) > before.pods[name].restarts,
  );
}

/** A device that is away may be booting; which boot it was that came last is only known of one that tells. */
function bootedAnew(now: DeviceSight, before: DeviceSight): Answer | undefined {
  if (now.connectivity !== 'live') {
    return { isSo: false, value: now.connectivity };
  }
  if (now.bootId === undefined || before.bootId === undefined) return undefined;
  return now.bootId === before.bootId
    ? { isSo: false, value: 'not booted anew' }
    : { isSo: true, value: 'booted anew and connected' };
}

/** What a pod told before a boot stays until its kubelet says otherwise, so it counts when it was started since. */
function readyAnew(now: DeviceSight, before: DeviceSight): Answer {
  const wanted = Object.keys(before.pods).length;
  const added = restartsSince(now, before);
  const anew = Object.keys(now.pods).filter(
    name =>
      now.pods[name].running &&
      (added[name]?.every(count => count > 0) ?? true),
  ).length;
  return { isSo: anew >= wanted, value: `${anew} of ${wanted} pods` };
}

/** Whether every container of the pods from before was started anew, in the same pods. */
function startedAnew(now: DeviceSight, before: DeviceSight): Answer {
  const added = restartsSince(now, before);
  const waiting = Object.keys(added).filter(
    name => !added[name]?.every(count => count > 0),
  );
  return waiting.length === 0
    ? { isSo: true, value: 'each was started again' }
    : { isSo: false, value: `not started again: ${waiting.join(', ')}` };
}

/** Whether no container was started anew more than once, and no pod took the place of another. */
function startedTwice(now: DeviceSight, before: DeviceSight): Answer {
  const added = restartsSince(now, before);
  const names = Object.keys(added);
  const replaced = names.filter(name => !added[name]);
  const often = names.filter(name => added[name]?.some(count => count > 1));
  if (replaced.length > 0) {
    return { isSo: false, value: `replaced: ${replaced.join(', ')}` };
  }
  return often.length === 0
    ? { isSo: true, value: 'no more than once' }
    : { isSo: false, value: `more than once: ${often.join(', ')}` };
}

/** How often each container of the pods from before was started since; undefined of a pod that is gone. */
function restartsSince(
  now: DeviceSight,
  before: DeviceSight,
): Readonly<Record<string, readonly number[] | undefined>> {
  return Object.fromEntries(
    Object.entries(before.pods).map(([name, pod]) => {
      const earlier = restartsOf(pod);
      const later = now.pods[name] && restartsOf(now.pods[name]);
      return [
        name,
        later?.map((count, index) => count - (earlier[index] ?? 0)),
      ];
    }),
  );
}

function restartsOf({
  restarts,
  containerRestarts,
}: PodSight): readonly number[] {
  return containerRestarts ?? [restarts];
}

function runningOf({ pods }: DeviceSight): number {
  return Object.values(pods).filter(({ running }) => running).length;
}
