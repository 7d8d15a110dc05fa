// SPDX-License-Identifier: Apache-2.0
import type {
  FleetClient,
  FleetFilter,
} from '@causeway/plugin-delivery-common';
import { isLabelValue } from './labelValue';
import { viewOf } from './viewOf';

/** Which sites are listed, and what is counted at them. */
export interface SiteQuestion {
  /** The label of nodes by which pods choose sites. */
  readonly nodeLabel: string;
  /** Names of the clusters that are looked at. Left out: all. */
  readonly clusters?: readonly string[];
  /** Kinds of device that are counted apart: values of a label of nodes. */
  readonly kinds?: {
    readonly nodeLabel: string;
    readonly values: readonly string[];
  };
}

/** A site of the fleet that pods can be kept to. */
export interface KnownSite {
  readonly name: string;
  readonly title: string;
  /** Devices of whatever kind. */
  readonly devices: number;
  /** Devices whose nodes have the label, whatever it says. */
  readonly labelled: number;
  /** Devices of the kinds that were asked for, if any were. */
  readonly ofKinds?: number;
}

/**
 * Lists the sites of some clusters by title, without those whose name no label can have; a site of that name in several of them is one, since their nodes
 * have the same label. Rejects with a `DeliveryProblem` when any part can not be read.
 */
export async function listSites(
  client: FleetClient,
  question: SiteQuestion,
  signal?: AbortSignal,
): Promise<readonly KnownSite[]> {
  const { nodeLabel, clusters, kinds } = question;
  const count = async (label?: readonly string[]) => {
    const filter: FleetFilter = {
      ...(clusters && { cluster: [...clusters] }),
      ...(label && { label: [...label] }),
    };
    const { columns } = viewOf(await client.getFleetSites(filter, { signal }));
    return addUp(columns);
  };
  const isOfKinds = kinds?.values.map(value => `${kinds.nodeLabel}=${value}`);
  const [all, labelled, ofKinds] = await Promise.all([
    count(),
    count([nodeLabel]),
    isOfKinds && isOfKinds.length > 0 ? count(isOfKinds) : undefined,
  ]);
  const sites = [...all].map(([name, { title, devices }]) => ({
    name,
    title,
    devices,
    labelled: labelled.get(name)?.devices ?? 0,
    ...(ofKinds && { ofKinds: ofKinds.get(name)?.devices ?? 0 }),
  }));
  return sites
    .filter(({ name }) => isLabelValue(name))
    .sort((one, other) => one.title.localeCompare(other.title));
}

/** Sites by name. The answer knows them as `<cluster>/<site>`, and names of sites hold no slash. */
function addUp(columns: {
  readonly id: readonly string[];
  readonly name: readonly string[];
  readonly devices: readonly number[];
}): ReadonlyMap<string, { readonly title: string; readonly devices: number }> {
  const sites = new Map<string, { title: string; devices: number }>();
  columns.id.forEach((id, index) => {
    const name = id.slice(id.lastIndexOf('/') + 1);
    const { title, devices } = sites.get(name) ?? {
      title: columns.name[index],
      devices: 0,
    };
    sites.set(name, { title, devices: devices + columns.devices[index] });
  });
  return sites;
}
