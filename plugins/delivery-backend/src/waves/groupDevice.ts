// SPDX-License-Identifier: Apache-2.0
import type { WaveDevice } from '@causeway/plugin-delivery-common';

/** A device of a node group, with what is on it. */
export interface GroupMember {
  readonly name: string;
  /** The device with each of its pods of the workload that are to stay; without one where it has none. */
  readonly looks: readonly [WaveDevice, ...WaveDevice[]];
}

type Look = GroupMember['looks'][number] & { readonly name: string };

/**
 * A node group as one device of a wave: what is said of all its devices together, so that nothing is
 * proven by a part of them, and nobody waits for those that are away.
 *
 * @param members - at least one
 * @param target - what runs where the release does
 */
export function groupDevice(
  group: { readonly id: string; readonly name: string },
  members: readonly [GroupMember, ...GroupMember[]],
  target: string,
): WaveDevice {
  const looks = members.flatMap(({ name, looks: all }) =>
    all.map((look): Look => ({ ...look, name })),
  );
  const [first] = looks;
  const reached = looks.filter(({ connected }) => connected);
  const hold = looks.find(look => look.hold)?.hold;
  const blocked = looks.flatMap(look =>
    (look.blocked ?? []).map(why => `${look.name}: ${why}`),
  );
  return {
    id: group.id,
    // Its devices may be anywhere; then no other group shares its room.
    site: looks.every(({ site }) => site === first.site)
      ? first.site
      : group.name,
    hardware: [...new Set(looks.map(({ hardware }) => hardware))]
      .sort()
      .join(' and '),
    labels: sharedLabels(looks),
    members: members.map(({ name }) => name),
    ...connectionOf(looks),
    ...workOf(reached, looks, target),
    image: 'absent',
    ...(hold && { hold }),
    ...(blocked.length > 0 && { blocked: [...new Set(blocked)] }),
    ...readingsOf(reached),
  };
}

function connectionOf(
  looks: readonly Look[],
): Pick<WaveDevice, 'connected' | 'awaySince'> {
  if (looks.some(({ connected }) => connected)) return { connected: true };
  const since = looks.flatMap(({ awaySince }) => awaySince ?? []);
  return {
    connected: false,
    ...(since.length > 0 && { awaySince: Math.max(...since) }),
  };
}

type Work = Pick<WaveDevice, 'running' | 'health' | 'trouble' | 'switching'>;

/**
 * What runs on a group, and how well. It runs the release when every reachable device does, and fails with it
 * as soon as one does. While some run the release and others do not, nobody says what it runs.
 */
function workOf(
  reached: readonly Look[],
  all: readonly Look[],
  target: string,
): Work {
  const working = reached.filter(({ running }) => running !== undefined);
  const fresh = working.filter(({ running }) => running === target);
  const failed = failureIn(fresh);
  if (failed) return { running: target, ...failed };
  if (fresh.length > 0 && fresh.length === working.length)
    return { running: target, ...healthOf(fresh), ...switchingOf(reached) };
  const isMixed = all.some(({ running }) => running === target);
  if (isMixed) return { health: 'unknown', switching: true };
  const [old] = working;
  return {
    ...(old && { running: old.running }),
    ...(failureIn(working) ?? healthOf(working)),
    ...switchingOf(reached),
  };
}

function failureIn(
  looks: readonly Look[],
): Pick<WaveDevice, 'health' | 'trouble'> | undefined {
  const failed = looks.find(({ health }) => health === 'failed');
  return (
    failed && {
      health: 'failed',
      trouble: failed.trouble
        ? `${failed.name}: ${failed.trouble}`
        : failed.name,
    }
  );
}

function healthOf(looks: readonly Look[]): Pick<WaveDevice, 'health'> {
  const isWell =
    looks.length > 0 && looks.every(({ health }) => health === 'ok');
  return { health: isWell ? 'ok' : 'unknown' };
}

function switchingOf(looks: readonly Look[]): Pick<WaveDevice, 'switching'> {
  return looks.some(({ switching }) => switching) ? { switching: true } : {};
}

function sharedLabels(
  looks: readonly Look[],
): Readonly<Record<string, string>> {
  const [first, ...others] = looks.map(({ labels = {} }) => labels);
  return Object.fromEntries(
    Object.entries(first).filter(([key, value]) =>
      others.every(labels => labels[key] === value),
    ),
  );
}

/** The worst of them. */
function readingsOf(looks: readonly Look[]): Pick<WaveDevice, 'readings'> {
  const temperatures = looks.flatMap(
    ({ readings }) => readings?.temperatureC ?? [],
  );
  const voltages = looks.flatMap(({ readings }) => readings?.undervolted ?? []);
  if (temperatures.length === 0 && voltages.length === 0) return {};
  return {
    readings: {
      ...(temperatures.length > 0 && {
        temperatureC: Math.max(...temperatures),
      }),
      ...(voltages.length > 0 && { undervolted: voltages.some(Boolean) }),
    },
  };
}
