// SPDX-License-Identifier: Apache-2.0
import type { DeviceInWave, WaveDevice } from './device';
import { ownObstacle, roomObstacle } from './obstacle';
import { PlanQueue, type PlannedDevice, type PlannedSite } from './PlanQueue';
import { ringNames } from './planOrder';
import type { WavePolicy } from './policy';
import { sayObstacle } from './sayObstacle';
import { siteBudget } from './siteBudget';
import { startWave, targetFor, type WaveState } from './state';
import { tallyWave, type Tallies } from './tally';

/** The order of a wave before it starts. */
export interface WavePreview {
  readonly rings: readonly {
    readonly name: string;
    /** Ids of the devices that may go together; what comes next waits for their proof. */
    readonly batches: readonly (readonly string[])[];
  }[];
  /** Devices that get nothing as they are now. Those that are away or held follow when they can. */
  readonly excluded: readonly {
    readonly device: string;
    readonly reason: string;
    readonly catchesUp: boolean;
  }[];
}

/**
 * What a wave would do if everything went well: each device exactly once, in a batch or excluded with its
 * reason. No batch takes more of a site, of a hardware class or in all than may be down or unproven.
 */
export function previewWave(
  wave: Pick<WaveState, 'id' | 'policy' | 'target'>,
  devices: readonly WaveDevice[],
): WavePreview {
  const state = startWave(wave, devices, 0);
  const tallies = tallyWave(state, 0);
  const names = ringNames(wave.policy);
  const rings: DeviceInWave[][] = names.map(() => []);
  const excluded: WavePreview['excluded'][number][] = [];
  for (const entry of state.devices) {
    const exclusion = exclusionOf(entry, state, tallies);
    if (exclusion) excluded.push({ device: entry.device.id, ...exclusion });
    else rings[entry.ring].push(entry);
  }
  const proven = new Map<string, number>();
  return {
    rings: names.map((name, ring) => ({
      name,
      batches: batchesOf(
        healthyFirst(rings[ring]).map(({ device }) => ({
          id: device.id,
          site: device.site,
          hardware: device.hardware,
          sites: tallies.sites.of(device),
        })),
        wave.policy,
        proven,
      ),
    })),
    excluded,
  };
}

function exclusionOf(
  entry: DeviceInWave,
  state: WaveState,
  tallies: Tallies,
): { readonly reason: string; readonly catchesUp: boolean } | undefined {
  const { device } = entry;
  const target = targetFor(state, device);
  if (target !== undefined && device.running === target && device.connected)
    return { reason: 'It runs the release already.', catchesUp: false };
  const obstacle = ownObstacle(entry, state);
  if (obstacle?.kind === 'away')
    return {
      reason: 'It is away; it is ordered when it is back.',
      catchesUp: true,
    };
  if (obstacle)
    return { reason: sayObstacle(obstacle, state, 0), catchesUp: true };
  if (device.health === 'failed' && state.policy.unhealthy === 'exclude')
    return {
      reason:
        'It is unhealthy already, and the policy leaves such devices out.',
      catchesUp: false,
    };
  const room = roomObstacle(entry, tallies, state.policy);
  return room?.kind === 'site' && room.isIll
    ? { reason: sayObstacle(room, state, 0), catchesUp: true }
    : undefined;
}

function batchesOf(
  ring: readonly PlannedDevice[],
  policy: WavePolicy,
  proven: Map<string, number>,
): readonly (readonly string[])[] {
  const queue = new PlanQueue(ring);
  const batches: string[][] = [];
  while (queue.size > 0) {
    const batch = takeBatch(queue, policy, proven);
    batches.push(batch.map(({ id }) => id));
    for (const { hardware } of batch)
      proven.set(hardware, (proven.get(hardware) ?? 0) + 1);
  }
  return batches;
}

function healthyFirst(ring: readonly DeviceInWave[]): DeviceInWave[] {
  const isIll = ({ device }: DeviceInWave) => device.health === 'failed';
  return [...ring.filter(entry => !isIll(entry)), ...ring.filter(isIll)];
}

/** The next devices in order, as many as the rules let go together; always at least one. */
function takeBatch(
  queue: PlanQueue,
  policy: WavePolicy,
  /** Devices of each hardware class in the batches so far. */
  proven: ReadonlyMap<string, number>,
): readonly PlannedDevice[] {
  const atSite = new Set<string>();
  const going = new Map<PlannedSite, number>();
  const room = new Map<string, number>();
  for (const hardware of queue.classes)
    room.set(
      hardware,
      Math.max(
        policy.canaries,
        Math.ceil(policy.growth * (proven.get(hardware) ?? 0)),
      ),
    );
  let atOnce =
    policy.mode.kind === 'oneAtATime' ? 1 : policy.maxDown ?? Infinity;
  const isFull = (place: PlannedSite) =>
    (going.get(place) ?? 0) >= siteBudget(place.total, policy.siteShare);
  return queue.takeWhile(
    () => atOnce > 0 && room.size > 0,
    ({ site, hardware, sites }) => {
      const alike = room.get(hardware) ?? 0;
      if (alike === 0) return false;
      if (
        sites.some(isFull) ||
        // The first of each class go to sites of their own, as long as there are others.
        (atSite.has(site) &&
          !proven.has(hardware) &&
          queue.hasElsewhere(atSite))
      )
        return false;
      atOnce--;
      atSite.add(site);
      for (const each of sites) going.set(each, (going.get(each) ?? 0) + 1);
      if (alike > 1) room.set(hardware, alike - 1);
      else room.delete(hardware);
      return true;
    },
  );
}
