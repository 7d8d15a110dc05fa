// SPDX-License-Identifier: Apache-2.0
import type {
  Connectivity,
  DeviceAxes,
} from '@causeway/plugin-delivery-common';
import { silentLogger } from '../testing/silentLogger';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { DeviceEntry } from './DeviceEntry';
import { FleetHistory, usualHistoryLimits } from './FleetHistory';
import { tellingChanges, type StateChange } from './StateChange';

jest.setTimeout(120_000);

const databases = EmptyDatabases.create();
const start = Date.parse('2026-07-01T12:00:00.000Z');
const day = 24 * 3_600_000;

function axes(connectivity: Connectivity, code?: string): DeviceAxes {
  const heard = connectivity === 'live';
  return {
    connectivity: {
      state: connectivity,
      since: new Date(start).toISOString(),
      ...(code && { reason: { code, message: 'Why' } }),
    },
    health: heard ? { state: 'ok' } : { state: 'unknown', was: 'ok' },
    update: { state: heard ? 'upToDate' : 'unknown' },
    applications: heard
      ? { state: 'healthy' }
      : { state: 'unknown', was: 'healthy' },
    hold: { state: 'none' },
    isolation: { state: 'none' },
  };
}

function anEntry(name: string, states: DeviceAxes): DeviceEntry {
  return new DeviceEntry({
    cluster: 'edge',
    name,
    id: `edge/${name}`,
    identity: { platform: 'k3s' },
    labels: {},
    axes: states,
    measuring: { isKnown: false, until: start },
    beat: { seenAt: start - 5_000, duration: 40_000 },
    workloads: [],
  });
}

function aChange(parts: Partial<StateChange> = {}): StateChange {
  return {
    cluster: 'edge',
    name: 'oslo-pi-01',
    at: start,
    axis: 'connectivity',
    from: 'live',
    to: 'offline',
    reason: { code: 'silent', message: 'Nothing\0 was heard <b>of it</b>.' },
    ...parts,
  };
}

describe.each(databases.eachSupportedId())('history on %s', id => {
  async function aHistory(limits = usualHistoryLimits) {
    const database = await databases.take(id);
    const history = new FleetHistory({
      database,
      clock: () => new Date(start),
      logger: silentLogger,
      limits,
    });
    return { database, history };
  }

  it('keeps the last states of devices and their changes over a restart', async () => {
    const { history } = await aHistory();
    const away = anEntry('oslo-pi-01', axes('offline', 'silent'));
    history.note({ changes: [aChange()], devices: [away] });
    history.note({
      changes: [
        aChange({ at: start + 20_000 }),
        aChange({ name: '', at: start + 30_000, to: 'stale' }),
        aChange({ name: 'oslo-pi-02' }),
      ],
      devices: [],
    });
    await history.stop();
    await expect(history.devices()).resolves.toEqual([
      {
        cluster: 'edge',
        name: 'oslo-pi-01',
        axes: away.axes,
        lastSeen: start - 5_000,
      },
    ]);
    const { changes, firstSeen } = await history.of('edge', 'oslo-pi-01');
    expect(changes.map(({ name, to, at }) => [name, to, at - start])).toEqual([
      ['', 'stale', 30_000],
      ['oslo-pi-01', 'offline', 0],
    ]);
    expect(changes[1].reason?.message).toBe('Nothing was heard <b>of it</b>.');
    expect(firstSeen).toBe(new Date(start).toISOString());
  });

  it('writes a storm in few statements, drops the oldest of too many, and forgets what is old', async () => {
    const limits = { ...usualHistoryLimits, waiting: 3_000, interval: 1 };
    const { database, history } = await aHistory(limits);
    let statements = 0;
    database.on('query', () => {
      statements += 1;
    });
    history.note({
      changes: Array.from({ length: 5_000 }, (_, index) =>
        aChange({ name: `device-${index}` }),
      ),
      devices: Array.from({ length: 2_000 }, (_, index) =>
        anEntry(`device-${index}`, axes('offline')),
      ),
    });
    await history.stop();
    expect(statements).toBeLessThan(40);
    const rows = () => database('fleet_history').select('name');
    await expect(rows()).resolves.toHaveLength(3_000);
    await expect(history.devices()).resolves.toHaveLength(2_000);

    const later = new FleetHistory({
      database,
      clock: () => new Date(start + 31 * day),
      logger: silentLogger,
      limits,
    });
    later.start();
    while ((await rows()).length > 0) {
      await new Promise(tick => {
        setTimeout(tick, 20);
      });
    }
    await later.stop();
  });
});

describe('what is worth being remembered', () => {
  const device = { cluster: 'edge', name: 'oslo-pi-01' };
  const told = (before: DeviceAxes, after: DeviceAxes) =>
    tellingChanges(device, before, after, start + 90_000).map(
      ({ axis, from, to }) => `${axis} ${from} ${to}`,
    );
  const live = axes('live');
  const lost = axes('stale', 'clusterUnreachable');

  it.each<[string, DeviceAxes, DeviceAxes, readonly string[]]>([
    [
      'going away, and not what follows from it',
      live,
      axes('offline', 'silent'),
      ['connectivity live offline'],
    ],
    [
      'coming back as it was',
      axes('offline', 'silent'),
      live,
      ['connectivity offline live'],
    ],
    [
      'coming back worse',
      axes('offline', 'silent'),
      { ...live, health: { state: 'critical' } },
      ['connectivity offline live', 'health ok critical'],
    ],
    ['a cluster that is lost is told once for all', live, lost, []],
    ['a cluster that is found', lost, live, []],
    [
      'a device that was away when its cluster is found',
      lost,
      axes('offline', 'silent'),
      ['connectivity stale offline'],
    ],
    [
      'another number in a reason',
      live,
      {
        ...live,
        health: { state: 'ok', reason: { code: 'x', message: '81' } },
      },
      [],
    ],
  ])('%s', (_name, before, after, expected) => {
    expect(told(before, after)).toEqual(expected);
  });

  it('is dated when it was heard last', () => {
    const [change] = tellingChanges(
      device,
      live,
      axes('offline', 'silent'),
      start + 90_000,
    );
    expect(change.at).toBe(start);
  });
});
