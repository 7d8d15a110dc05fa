// SPDX-License-Identifier: Apache-2.0
import type { WaveDevice } from './device';
import type { WavePolicy } from './policy';

/** A site as the budget sees it. */
export interface SiteTally {
  /** All devices of the wave there. */
  total: number;
  connected: number;
  /** Ordered and not seen running, rolling back, or unhealthy. */
  busy: number;
  /** Those of them that are unhealthy without an order of ours. */
  ill: number;
}

/**
 * The sites whose budgets a device uses. Clusters that name a site alike may mean one place or several, which
 * nobody can tell here, so there is a budget for the name and one for the name in the cluster.
 */
export function budgetsOf({
  site,
  cluster,
}: Pick<WaveDevice, 'site' | 'cluster'>): readonly string[] {
  // No name of either holds a line end.
  return cluster === undefined ? [site] : [site, `${cluster}\n${site}`];
}

/** How many devices of a site may be down at once. */
export function siteBudget(total: number, share: number): number {
  return Math.max(1, Math.floor(share * total));
}

/**
 * How many more devices of a site may go down now. A site where most devices are away still has room, as
 * only connected ones can be missed there; `minAvailable` is cut to all but one, else it would block for ever.
 */
export function siteRoom(site: SiteTally, policy: WavePolicy): number {
  const budget = siteBudget(site.total, policy.siteShare);
  const kept = Math.min(policy.minAvailable, site.total - 1);
  return Math.min(budget - site.busy, site.connected - site.busy - kept);
}
