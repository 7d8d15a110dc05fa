// SPDX-License-Identifier: Apache-2.0
import {
  countAxes,
  countHardware,
  deviceTest,
  devicePage,
  siteColumns,
  type DeviceRecord,
  type FleetDevice,
  type FleetDevicePage,
  type FleetFilter,
  type FleetService,
  type FleetSite,
  type FleetSites,
  type FleetSort,
  type FleetSummary,
  type Incident,
  type Pipeline,
} from '@causeway/plugin-delivery-common';
import {
  answerTag,
  lastingDevice,
  lastingPage,
  lastingSummary,
} from './answerTag';
import type { DeviceReader } from './DeviceReader';
import { deviceRow, deviceView } from './deviceViews';
import type { DeviceEntry } from './DeviceEntry';
import type { FleetHistory } from './FleetHistory';
import type { FleetInventory } from './FleetInventory';
import { serviceView } from './serviceView';
import { ServiceWorkloads } from './serviceWorkloads';
import type { TwinHistory } from './TwinHistory';

/** Which devices somebody may see. */
export interface DeviceRights {
  /** The same for people who may see the same. */
  readonly key: string;
  readonly allows: (device: DeviceRecord) => boolean;
}

/** An answer and the name of its content. */
export interface Tagged<View> {
  /** The same for as long as there is nothing new in the answer. */
  readonly etag: string;
  readonly view: View;
}

/** Undefined when there is no such thing, or the reader may not see it. */
export type Answer<View> = Promise<Tagged<View> | undefined>;

/** Measurements change no revision; answers are made anew at least so often, in milliseconds. */
const period = 15_000;
/** Answers of one revision that are kept; pages with many filters push each other out. */
const mostAnswers = 500;

/**
 * What the fleet looks like for readers. Everything is computed from memory at most once for each
 * revision, question and right, however many ask. Answers are told apart by their content, so that a
 * reader is sent only what is new, whichever replica made what they have.
 */
export class FleetViews {
  #stamp = '';
  #answers = new Map<string, Answer<unknown>>();

  constructor(
    private readonly parts: {
      readonly fleet: DeviceReader;
      readonly pipelines: { list(): readonly Pipeline[] };
      readonly clock: () => Date;
      /** Names this process, so that revisions of two replicas differ. */
      readonly run: string;
      readonly history?: Pick<FleetHistory, 'of'>;
      readonly twins?: Pick<TwinHistory, 'of' | 'revision'>;
      readonly inventory?: Pick<FleetInventory, 'state' | 'problems'>;
    },
  ) {}

  summary(rights: DeviceRights): Answer<FleetSummary> {
    return this.#answer(
      ['summary'],
      rights,
      () => this.#summary(rights),
      lastingSummary,
    );
  }

  sites(filter: FleetFilter, rights: DeviceRights): Answer<FleetSites> {
    return this.#answer(['sites', filter], rights, () => ({
      ...this.#stamped(),
      columns: siteColumns(this.#seen(rights, filter)),
    }));
  }

  /** @throws UnknownCursor */
  devices(
    filter: FleetFilter,
    question: {
      readonly sort: FleetSort;
      readonly limit: number;
      readonly cursor?: string;
    },
    rights: DeviceRights,
  ): Answer<FleetDevicePage> {
    const make = (): FleetDevicePage => {
      const { items, total, nextCursor } = devicePage(
        this.parts.fleet.entries(),
        this.#test(rights, filter),
        question,
      );
      return {
        ...this.#stamped(),
        total,
        items: items.flatMap(({ cluster, name }) => {
          const entry = this.parts.fleet.find(cluster, name);
          return entry ? [deviceRow(entry)] : [];
        }),
        ...(nextCursor !== undefined && { nextCursor }),
      };
    };
    return this.#answer(
      ['devices', filter, question],
      rights,
      make,
      lastingPage,
    );
  }

  device(
    cluster: string,
    name: string,
    rights: DeviceRights,
  ): Answer<FleetDevice> {
    const { fleet, history, twins, clock } = this.parts;
    const make = async (): Promise<FleetDevice | undefined> => {
      const [known, twinChanges] = await Promise.all([
        history?.of(cluster, name),
        twins?.of(cluster, name),
      ]);
      const device = fleet.find(cluster, name);
      const own = fleet.clusters().find(each => each.name === cluster);
      if (!device || !own || !rights.allows(device)) return undefined;
      return deviceView(device, {
        ...this.#stamped(),
        cluster: own,
        incidents: fleet.incidents,
        history: known ?? { changes: [] },
        twinChanges: twinChanges ?? [],
        now: clock(),
      });
    };
    // What twins say changes no revision of the fleet, and is wanted at once by whoever has set it.
    const ownRevision = fleet
      .clusters()
      .find(each => each.name === cluster)?.twinRevision;
    return this.#answer(
      ['device', cluster, name, ownRevision, twins?.revision],
      rights,
      make,
      lastingDevice,
    );
  }

  site(
    site: string,
    cluster: string | undefined,
    rights: DeviceRights,
  ): Answer<FleetSite> {
    return this.#answer(['site', site, cluster], rights, () =>
      this.#site(site, cluster, rights),
    );
  }

  /** @param service - entity ref */
  service(service: string, rights: DeviceRights): Answer<FleetService> {
    return this.#answer(['service', service], rights, () => {
      const workloads = this.#workloads([service]);
      return {
        ...this.#stamped(),
        ...serviceView(service, {
          workloads,
          clusters: this.parts.fleet.clusters(),
          devices: this.#seen(rights, { service: [service] }, workloads),
        }),
      };
    });
  }

  #summary(rights: DeviceRights): FleetSummary {
    const { fleet, inventory, clock } = this.parts;
    const devices = [...fleet.entries()].filter(rights.allows);
    const perCluster = new Map<
      string,
      { devices: number; sites: Set<string> }
    >();
    let oldest = Infinity;
    for (const { cluster, site, lastSeen, connectivity } of devices) {
      let own = perCluster.get(cluster);
      if (!own) {
        own = { devices: 0, sites: new Set() };
        perCluster.set(cluster, own);
      }
      own.devices += 1;
      if (site !== undefined) own.sites.add(site);
      const isAway = connectivity !== 'live' && lastSeen !== undefined;
      if (isAway && lastSeen < oldest) oldest = lastSeen;
    }
    const sites = [...perCluster.values()].reduce(
      (sum, own) => sum + own.sites.size,
      0,
    );
    const now = clock();
    return {
      ...this.#stamped(),
      devices: devices.length,
      sites,
      axes: countAxes(devices),
      incidents: incidentsOf(fleet.incidents, devices),
      clusters: fleet.clusters().flatMap(cluster => {
        const count = perCluster.get(cluster.name)?.devices ?? 0;
        return count > 0
          ? [
              {
                name: cluster.name,
                title: cluster.title,
                freshness: cluster.freshness(now),
                devices: count,
              },
            ]
          : [];
      }),
      hardware: countHardware(devices),
      ...(oldest < Infinity && {
        oldestSeen: new Date(oldest).toISOString(),
      }),
      ...(inventory && {
        inventory: {
          state: inventory.state,
          problems: inventory.problems.map(problem => ({ ...problem })),
        },
      }),
    };
  }

  #site(
    site: string,
    cluster: string | undefined,
    rights: DeviceRights,
  ): FleetSite | undefined {
    const devices = [
      ...this.#seen(rights, {
        site: [site],
        ...(cluster !== undefined && { cluster: [cluster] }),
      }),
    ];
    if (devices.length === 0) return undefined;
    const placed = devices.find(({ coordinates }) => coordinates);
    return {
      ...this.#stamped(),
      site,
      name: devices.find(({ siteName }) => siteName)?.siteName ?? site,
      clusters: [...new Set(devices.map(device => device.cluster))].sort(),
      longitude: placed?.coordinates?.longitude,
      latitude: placed?.coordinates?.latitude,
      owner: devices.find(({ owner }) => owner)?.owner,
      devices: devices.length,
      axes: countAxes(devices),
      incidents: incidentsOf(this.parts.fleet.incidents, devices),
      hardware: countHardware(devices),
    };
  }

  *#seen(
    rights: DeviceRights,
    filter: FleetFilter,
    workloads?: ServiceWorkloads,
  ): Iterable<DeviceEntry> {
    const test = this.#test(rights, filter, workloads);
    for (const entry of this.parts.fleet.entries()) {
      if (test(entry)) yield entry;
    }
  }

  #test(
    rights: DeviceRights,
    filter: FleetFilter,
    workloads = this.#workloads(filter.service ?? []),
  ) {
    const test = deviceTest(filter, workloads.isOfService);
    return (device: DeviceRecord) => test(device) && rights.allows(device);
  }

  #workloads(services: readonly string[]): ServiceWorkloads {
    return new ServiceWorkloads(
      services.length > 0 ? this.parts.pipelines.list() : [],
      services,
    );
  }

  #answer<View extends { readonly revision: string; readonly readAt: string }>(
    question: readonly unknown[],
    rights: DeviceRights,
    make: () => View | undefined | Promise<View | undefined>,
    lasting?: (view: View) => object,
  ): Answer<View> {
    const stamp = this.#revision();
    if (stamp !== this.#stamp) {
      this.#stamp = stamp;
      this.#answers = new Map();
    }
    const answers = this.#answers;
    const key = JSON.stringify([question, rights.key]);
    const known = answers.get(key);
    // The key holds the question, and each question has one kind of answer.
    if (known) return known as Answer<View>;
    const made = (async () => {
      const view = await make();
      return view && { etag: answerTag(view, lasting), view };
    })();
    if (answers.size >= mostAnswers) answers.clear();
    answers.set(key, made);
    made.catch(() => answers.delete(key));
    return made;
  }

  #stamped() {
    return {
      revision: this.#revision(),
      readAt: new Date(this.parts.fleet.readAt).toISOString(),
    };
  }

  #revision(): string {
    const { fleet, run } = this.parts;
    const periods = Math.floor(fleet.readAt / period);
    return `${run}.${fleet.revision}.${periods}`;
  }
}

/** The incidents that somebody may know of: those of the devices that they see. */
function incidentsOf(
  incidents: readonly Incident[],
  devices: Iterable<DeviceEntry>,
): Incident[] {
  if (incidents.length === 0) return [];
  const seen = new Set<string | undefined>();
  for (const { incident } of devices) seen.add(incident);
  return incidents.filter(({ id }) => seen.has(id));
}
