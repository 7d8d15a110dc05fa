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

type Place = Pick<WaveDevice, 'site' | 'cluster'>;

/**
 * What is kept of sites, for each budget that a device uses. Clusters that name a site alike may mean one
 * place or several, which nobody can tell here, so there is a budget for the name and one for the name in
 * the cluster; devices whose cluster nobody names stand together.
 */
export class BySite<Kept> {
  readonly #names = new Map<
    string,
    {
      readonly whole: Kept;
      readonly clusters: Map<string | undefined, readonly Kept[]>;
    }
  >();

  constructor(private readonly create: () => Kept) {}

  /** Of a device; nothing when none was added there. */
  of({ site, cluster }: Place): readonly Kept[] {
    return this.#names.get(site)?.clusters.get(cluster) ?? [];
  }

  /** Of a device that belongs there from now on. */
  add(place: Place): readonly Kept[] {
    const known = this.of(place);
    if (known.length > 0) return known;
    const name = this.#names.get(place.site) ?? {
      whole: this.create(),
      clusters: new Map(),
    };
    this.#names.set(place.site, name);
    const both = [name.whole, this.create()];
    name.clusters.set(place.cluster, both);
    return both;
  }
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
