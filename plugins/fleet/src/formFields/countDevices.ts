// SPDX-License-Identifier: Apache-2.0
import type {
  FleetClient,
  FleetFilter,
} from '@causeway/plugin-delivery-common';
import { viewOf } from './viewOf';

/** The label by which pods choose nodes of a kind, and the values of the usual choices. */
export const DEVICE_LABEL = 'causeway.dev/device';

/** Which devices are counted. */
export interface HardwareQuestion {
  /** The label of nodes that says what kind of device they are. */
  readonly nodeLabel: string;
  /** Values of that label. */
  readonly kinds: readonly string[];
  /** Names of the clusters that are looked at. Left out: all. */
  readonly clusters?: readonly string[];
}

/** What the fleet has of each kind of device. */
export interface HardwareCounts {
  /** Devices of whatever kind. */
  readonly devices: number;
  /** By kind. */
  readonly kinds: Readonly<
    Record<string, { readonly devices: number; readonly sites: number }>
  >;
  /** Titles of clusters that are not heard from: of them is counted what was last known. */
  readonly silent: readonly string[];
}

/**
 * Counts the devices of each kind, and the sites that have one. Pods choose their nodes by the same
 * label, so what is counted is where they can run. Rejects with a `DeliveryProblem` when any part can
 * not be read: half a count would be a wrong one.
 */
export async function countDevices(
  client: FleetClient,
  question: HardwareQuestion,
  signal?: AbortSignal,
): Promise<HardwareCounts> {
  const { nodeLabel, kinds, clusters } = question;
  const countKind = async (kind: string) => {
    const filter: FleetFilter = {
      label: [`${nodeLabel}=${kind}`],
      ...(clusters && { cluster: [...clusters] }),
    };
    const [devices, sites] = await Promise.all([
      client.getFleetDevices({ ...filter, limit: 1 }, { signal }),
      client.getFleetSites(filter, { signal }),
    ]);
    const count = {
      devices: viewOf(devices).total,
      sites: viewOf(sites).columns.id.length,
    };
    return [kind, count] as const;
  };
  const [summary, counts] = await Promise.all([
    client.getFleetSummary({ signal }),
    Promise.all(kinds.map(countKind)),
  ]);
  const counted = viewOf(summary).clusters.filter(
    ({ name }) => !clusters || clusters.includes(name),
  );
  return {
    devices: counted.reduce((sum, { devices }) => sum + devices, 0),
    kinds: Object.fromEntries(counts),
    silent: counted.flatMap(({ title, freshness }) =>
      freshness.state === 'live' ? [] : [title],
    ),
  };
}
