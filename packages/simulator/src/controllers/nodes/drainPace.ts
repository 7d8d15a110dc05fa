// SPDX-License-Identifier: Apache-2.0
import { Node } from '../workloads/workloads';
import { isDrained, isToBeDrained } from './nodeTaints';

/** How much of a zone is down. */
export type ZoneState = 'normal' | 'partly' | 'wholly';

const usualRate = 0.1;
const reducedRate = 0.01;
const largeZone = 50;
const unhealthyShare = 0.55;
const fewestUnhealthy = 3;

/** How much of a zone is down, from how many of its nodes are and are not ready. */
export function zoneState(ready: number, unready: number): ZoneState {
  if (ready === 0 && unready > 0) return 'wholly';
  const isUnhealthy =
    unready >= fewestUnhealthy && unready / (ready + unready) >= unhealthyShare;
  return isUnhealthy ? 'partly' : 'normal';
}

/** How many nodes of a zone may be drained per second. */
export function drainRate(state: ZoneState, size: number): number {
  if (state !== 'partly') return usualRate;
  return size > largeZone ? reducedRate : 0;
}

/** Where a node is, by its topology labels. */
export function zoneOf({ metadata: { labels } }: Node): string {
  const place = ['region', 'zone'].map(
    part => labels?.[`topology.kubernetes.io/${part}`] ?? '',
  );
  return place.join('/');
}

/** Which nodes may be drained, and when the last one of each zone was allowed, in milliseconds since the epoch. */
export interface DrainPace {
  readonly allowed: ReadonlySet<string>;
  readonly lastOfZone: ReadonlyMap<string, number>;
}

export const initialPace: DrainPace = {
  allowed: new Set(),
  lastOfZone: new Map(),
};

/**
 * Allows the draining of nodes no faster than their zones permit. When every
 * zone is wholly down it is rather the control plane that is cut off, and
 * nothing is drained.
 */
export function nextPace(
  { allowed, lastOfZone }: DrainPace,
  nodes: readonly Node[],
  now: number,
): DrainPace {
  const zones = new Map<string, Node[]>();
  for (const node of nodes) {
    const zone = zoneOf(node);
    const members = zones.get(zone) ?? [];
    members.push(node);
    zones.set(zone, members);
  }
  const states = [...zones].map(([zone, members]) => {
    const unready = members.filter(isToBeDrained);
    const state = zoneState(members.length - unready.length, unready.length);
    return { zone, size: members.length, unready, state };
  });
  if (states.every(({ state }) => state === 'wholly'))
    return { allowed: new Set(), lastOfZone };
  const next = new Set<string>();
  const last = new Map(lastOfZone);
  for (const { zone, size, unready, state } of states) {
    const isAllowed = (node: Node) =>
      // A taint from before this controller started was allowed then.
      allowed.has(node.metadata.name) || isDrained(node);
    for (const node of unready.filter(isAllowed)) next.add(node.metadata.name);
    const first = unready.find(node => !isAllowed(node))?.metadata.name;
    const pause = 1000 / drainRate(state, size);
    if (!first || now - (last.get(zone) ?? -Infinity) < pause) continue;
    next.add(first);
    last.set(zone, now);
  }
  return { allowed: next, lastOfZone: last };
}
