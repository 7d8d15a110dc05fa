// SPDX-License-Identifier: Apache-2.0
import {
  axisStates,
  DeliveryProblem,
  type AxisName,
  type AxisStates,
  type ConditionalOptions,
  type FleetClient,
  type FleetDevice,
  type FleetDeviceRow,
  type FleetFilter,
  type FleetService,
  type FleetSite,
  type FleetSites,
  type FleetSort,
  type FleetSummary,
  type FleetTwinEdit,
  type FleetWorst,
} from '@causeway/plugin-delivery-common';
import { CLUSTER, storyDevices, storySites, type StorySite } from './devices';
import { deviceDetail } from './deviceDetail';

/** The fleet of the sample story: one moment at a parcel-sorting company, kept in memory. */
export class StoryFleet implements FleetClient {
  devices: readonly FleetDeviceRow[];
  /** What was wished of twins. */
  readonly edits: FleetTwinEdit[] = [];
  /** Why the next wish is refused, if it is. */
  refusal: DeliveryProblem | undefined;
  /** Devices on a page of this backend, whatever is asked for. */
  pageSize = 50;
  private readonly now: number;

  /** `now` is the moment the story is told at, in milliseconds. */
  constructor(now: number) {
    this.now = now;
    this.devices = storyDevices(now);
  }

  async getFleetSummary(_options?: ConditionalOptions) {
    const silent = this.devices.filter(({ incident }) => incident);
    const view: FleetSummary = {
      ...this.stamp(),
      devices: this.devices.length,
      sites: storySites.length,
      axes: countAxes(this.devices),
      incidents: silent.length > 0 ? [this.incident()] : [],
      clusters:
        this.devices.length === 0
          ? []
          : [
              {
                name: CLUSTER,
                title: 'Edge production',
                freshness: { state: 'live', seenAt: this.ago(4) },
                devices: this.devices.length - 1,
              },
              {
                name: 'edge-staging',
                title: 'Edge staging',
                freshness: {
                  state: 'unreachable',
                  seenAt: this.ago(400),
                  problem: 'The connection was refused.',
                },
                devices: 1,
              },
            ],
      hardware: countHardware(this.devices),
      oldestSeen: this.ago(2_460),
    };
    return { status: 'changed' as const, view, etag: 'summary' };
  }

  async getFleetSites(filter: FleetFilter = {}, _options?: ConditionalOptions) {
    const columns = storySites.flatMap(site => {
      const devices = this.filtered(filter).filter(
        device => device.site === site.name,
      );
      return devices.length > 0 ? [siteColumn(site, devices)] : [];
    });
    const view: FleetSites = { ...this.stamp(), columns: transpose(columns) };
    return { status: 'changed' as const, view, etag: 'sites' };
  }

  async getFleetSite(path: { site: string; cluster?: string }) {
    const site = storySites.find(({ name }) => name === path.site);
    if (!site) throw unknown('site');
    const devices = this.devices.filter(each => each.site === site.name);
    const view: FleetSite = {
      ...this.stamp(),
      site: site.name,
      name: site.title,
      clusters: [CLUSTER],
      longitude: site.place?.[0],
      latitude: site.place?.[1],
      owner: 'team-sorting',
      devices: devices.length,
      axes: countAxes(devices),
      incidents: site.name === 'gdansk' ? [this.incident()] : [],
      hardware: countHardware(devices),
    };
    return { status: 'changed' as const, view, etag: 'site' };
  }

  async getFleetDevices(
    question: FleetFilter & {
      sort?: FleetSort;
      limit?: number;
      cursor?: string;
    } = {},
    _options?: ConditionalOptions,
  ) {
    const all = sorted(this.filtered(question), question.sort ?? 'name');
    const from = Number(question.cursor ?? 0);
    const next = from + this.pageSize;
    return {
      status: 'changed' as const,
      view: {
        ...this.stamp(),
        total: all.length,
        items: all.slice(from, next),
        nextCursor: next < all.length ? String(next) : undefined,
      },
      etag: 'devices',
    };
  }

  async getFleetDevice(path: { cluster: string; name: string }) {
    const row = this.devices.find(
      ({ cluster, name }) => cluster === path.cluster && name === path.name,
    );
    if (!row) throw unknown('device');
    const view: FleetDevice = {
      ...row,
      ...this.stamp(),
      ...deviceDetail(row, this.now),
    };
    return { status: 'changed' as const, view, etag: 'device' };
  }

  async editFleetTwin(
    _twin: Parameters<FleetClient['editFleetTwin']>[0],
    edit: FleetTwinEdit,
  ) {
    this.edits.push(edit);
    if (this.refusal) throw this.refusal;
    return { dryRun: false, changes: edit.changes };
  }

  async getFleetService(service: string) {
    const runs = this.devices.filter(({ name }) => name.includes('jetson'));
    const view: FleetService = {
      ...this.stamp(),
      service,
      devices: runs.length,
      away: runs.filter(isAway).length,
      held: 1,
      versions: [
        { version: '2.7.3', devices: runs.length - 1 },
        { version: '2.7.2', devices: 1 },
      ],
      sites: storySites.flatMap(({ name, title }) => {
        const devices = runs.filter(({ site }) => site === name);
        if (devices.length === 0) return [];
        return [
          {
            id: `${CLUSTER}/${name}`,
            name: title,
            cluster: CLUSTER,
            devices: devices.length,
            away: devices.filter(isAway).length,
            held: name === 'milan' ? 1 : 0,
            versions: [
              {
                version: name === 'milan' ? '2.7.2' : '2.7.3',
                devices: devices.length,
              },
            ],
          },
        ];
      }),
    };
    return { status: 'changed' as const, view, etag: 'service' };
  }

  private stamp() {
    return { revision: '1', readAt: this.ago(0) };
  }

  private ago(seconds: number): string {
    return new Date(this.now - seconds * 1_000).toISOString();
  }

  private incident() {
    return {
      id: 'site gdansk',
      kind: 'site' as const,
      cluster: CLUSTER,
      site: 'gdansk',
      since: this.ago(2_460),
      devices: 2,
      of: 2,
      message: 'All devices at Gdansk went away together.',
    };
  }

  /** As a filter names them. */
  private labelsOf(device: FleetDeviceRow): readonly string[] {
    const { labels } = deviceDetail(device, this.now);
    return Object.entries(labels).flatMap(([key, value]) => [
      key,
      `${key}=${value}`,
    ]);
  }

  private filtered(filter: FleetFilter): readonly FleetDeviceRow[] {
    const axes = Object.keys(axisStates) as AxisName[];
    return this.devices.filter(
      device =>
        axes.every(axis => {
          const wanted: readonly string[] | undefined = filter[axis];
          return !wanted || wanted.includes(device[axis].state);
        }) &&
        (!filter.site ||
          filter.site.includes(`${device.cluster}/${device.site}`)) &&
        (!filter.hardware || filter.hardware.includes(device.hardware ?? '')) &&
        (!filter.cluster || filter.cluster.includes(device.cluster)) &&
        (!filter.label ||
          filter.label.some(label => this.labelsOf(device).includes(label))) &&
        (!filter.service || device.name.includes('jetson')) &&
        (!filter.text || device.name.includes(filter.text)),
    );
  }
}

function isAway({ connectivity }: FleetDeviceRow): boolean {
  return connectivity.state === 'offline';
}

function worstOf(device: FleetDeviceRow): FleetWorst {
  if (device.health.state === 'critical') return 'critical';
  if (device.health.state === 'warning') return 'warning';
  if (isAway(device)) return 'away';
  return device.connectivity.state === 'stale' ? 'stale' : 'ok';
}

function siteColumn(site: StorySite, devices: readonly FleetDeviceRow[]) {
  const count = (state: FleetWorst) =>
    devices.filter(device => worstOf(device) === state).length;
  const order: FleetWorst[] = ['critical', 'warning', 'away', 'stale', 'ok'];
  return {
    id: `${CLUSTER}/${site.name}`,
    name: site.title,
    longitude: site.place?.[0] ?? null,
    latitude: site.place?.[1] ?? null,
    cluster: CLUSTER,
    devices: devices.length,
    worst: order.find(state => count(state) > 0) ?? 'unknown',
    ok: count('ok'),
    warning: count('warning'),
    critical: count('critical'),
    stale: count('stale'),
    away: count('away'),
  };
}

function transpose(
  sites: readonly ReturnType<typeof siteColumn>[],
): FleetSites['columns'] {
  return {
    id: sites.map(each => each.id),
    name: sites.map(each => each.name),
    longitude: sites.map(each => each.longitude),
    latitude: sites.map(each => each.latitude),
    cluster: sites.map(each => each.cluster),
    devices: sites.map(each => each.devices),
    worst: sites.map(each => each.worst),
    ok: sites.map(each => each.ok),
    warning: sites.map(each => each.warning),
    critical: sites.map(each => each.critical),
    stale: sites.map(each => each.stale),
    away: sites.map(each => each.away),
  };
}

function countAxes(devices: readonly FleetDeviceRow[]): FleetSummary['axes'] {
  const count = <Name extends AxisName>(axis: Name) => {
    const counts = axisStates[axis].map(state => [
      state,
      devices.filter(device => device[axis].state === state).length,
    ]);
    return Object.fromEntries(counts) as Record<AxisStates[Name], number>;
  };
  return {
    connectivity: count('connectivity'),
    health: count('health'),
    update: count('update'),
    applications: count('applications'),
    hold: count('hold'),
    isolation: count('isolation'),
  };
}

function countHardware(devices: readonly FleetDeviceRow[]) {
  return [...new Set(devices.map(({ hardware }) => hardware))].map(hardware => {
    const same = devices.filter(device => device.hardware === hardware);
    return {
      name: hardware ?? '',
      title: same[0].hardwareName ?? '',
      devices: same.length,
    };
  });
}

function sorted(
  devices: readonly FleetDeviceRow[],
  sort: FleetSort,
): readonly FleetDeviceRow[] {
  const urgency: FleetWorst[] = ['critical', 'warning', 'away', 'stale', 'ok'];
  const by = (device: FleetDeviceRow) =>
    sort.endsWith('temperature')
      ? device.temperature?.value ?? -1
      : urgency.indexOf(worstOf(device));
  const sign = sort.startsWith('-') ? -1 : 1;
  if (sort.endsWith('name')) {
    return [...devices].sort(
      (one, other) => sign * one.name.localeCompare(other.name),
    );
  }
  return [...devices].sort((one, other) => sign * (by(one) - by(other)));
}

function unknown(what: string): DeliveryProblem {
  return new DeliveryProblem(`No such ${what}.`, {
    status: 404,
    code: 'notFound',
  });
}
