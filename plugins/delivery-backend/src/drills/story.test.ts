// SPDX-License-Identifier: Apache-2.0
import {
  drillKindNamed,
  PORTAL_ACTOR,
  startDrill,
  type DrillOrder,
  type DrillSight,
} from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import { DatabaseEventLog } from '../audit/DatabaseEventLog';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { silentLogger } from '../testing/silentLogger';
import { MemoryFaults } from './__testUtils__/MemoryFaults';
import { DrillExecutors } from './DrillExecutors';
import { DrillRunner, type DrillPoint } from './DrillRunner';
import { Drills, type DrillPerson } from './Drills';
import { DrillStore } from './DrillStore';

const databases = EmptyDatabases.create();
const service = 'component:default/vision';
const drilled = 'edge/bench-pi-01';
const everywhere = { allows: () => true };
const person = (name: string): DrillPerson => ({
  actor: `user:default/${name}`,
  sees: everywhere,
  mayRun: everywhere,
  maySign: everywhere,
});

const well: DrillSight = {
  [drilled]: {
    site: 'bench',
    connectivity: 'live',
    health: 'ok',
    pods: { 'vision-a': { running: true, restarts: 0 } },
    isRelease: true,
  },
};
const away: DrillSight = {
  [drilled]: { ...well[drilled], connectivity: 'offline', health: 'unknown' },
};

/** A portal's drills on a database, in a time that goes on when the test says so. */
class Stage {
  now = Date.parse('2026-11-22T08:00:00.000Z');
  sight = well;
  readonly faults = new MemoryFaults();
  readonly executors = new DrillExecutors([this.faults]);
  readonly store: DrillStore;
  readonly drills: Drills;
  readonly log: DatabaseEventLog;

  constructor(database: Knex) {
    const clock = () => new Date(this.now);
    this.log = new DatabaseEventLog({ database, clock });
    this.store = new DrillStore({ database, log: this.log, clock });
    this.drills = new Drills({
      store: this.store,
      fleet: noFleet(),
      pipelines: { list: () => [] },
      releases: {
        get: async () => undefined,
        findByDigest: async () => undefined,
      },
      executors: this.executors,
      observe: () => this.sight,
      clock,
    });
  }

  /** One process; it may die at a point, and then never does anything again. */
  portal(onPoint?: (point: DrillPoint) => Promise<void> | void): DrillRunner {
    return new DrillRunner({
      drills: this.store,
      executors: this.executors,
      observe: () => this.sight,
      clock: () => new Date(this.now),
      logger: silentLogger,
      ...(onPoint && { onPoint }),
    });
  }

  order(id: string, change: Partial<DrillOrder> = {}): DrillOrder {
    return {
      id,
      service,
      stage: 'bench',
      kind: drillKindNamed('offline-1m')!,
      release: { id: 'release-1', version: '2.8.1', images: [] },
      targets: [],
      devices: [
        { id: drilled, cluster: 'edge', name: 'bench-pi-01', site: 'bench' },
      ],
      longest: 3_600_000,
      reason: 'A test.',
      requestedBy: 'user:default/ines',
      requestedAt: new Date(this.now).toISOString(),
      ...change,
    };
  }

  begin(id: string) {
    return this.store.create(startDrill(this.order(id), well));
  }

  /** Looks every five seconds, so many seconds long. */
  async run(portal: DrillRunner, seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 5) {
      this.now += 5_000;
      await portal.look();
    }
  }

  async drill(id: string) {
    const stored = await this.store.get(id);
    if (!stored) throw new Error(`There is no drill ${id}`);
    return stored.drill;
  }
}

function noFleet() {
  return {
    revision: 0,
    readAt: 0,
    size: 0,
    incidents: [],
    entries: () => [],
    find: () => undefined,
    clusters: () => [],
  };
}

describe.each(databases.eachSupportedId())('on %s', id => {
  let stage: Stage;
  beforeEach(async () => {
    stage = new Stage(await databases.take(id));
  });

  it('passes, waits to be signed off by somebody else, and then counts for gates', async () => {
    await stage.begin('one');
    const portal = stage.portal();
    await portal.look();
    expect(stage.faults.holding.get('one')).toEqual(['bench-pi-01']);
    stage.sight = away;
    await stage.run(portal, 60);
    expect(stage.faults.holding.size).toBe(0);
    stage.sight = well;
    await stage.run(portal, 5);
    expect(await stage.drill('one')).toMatchObject({
      phase: 'over',
      verdict: 'passed',
    });
    const results = () => stage.store.results(service, 'bench', 'release-1');
    expect(await results()).toMatchObject([
      { kind: 'offline-1m', verdict: 'passed' },
    ]);
    const wish = { decision: 'signedOff', reason: 'Well done.' } as const;
    await expect(
      stage.drills.sign('one', wish, person('ines')),
    ).rejects.toMatchObject({ code: 'ownDrill' });
    await stage.drills.sign('one', wish, person('omar'));
    await expect(
      stage.drills.sign('one', wish, person('jonas')),
    ).rejects.toMatchObject({ code: 'isSigned' });
    expect(await results()).toMatchObject([
      { signature: { decision: 'signedOff', by: 'user:default/omar' } },
    ]);
    expect(await stage.store.results(service, 'bench', 'another')).toEqual([]);
    expect(
      (await stage.store.history('one')).map(({ type, actor }) => [
        type,
        actor,
      ]),
    ).toEqual([
      ['drillRequested', 'user:default/ines'],
      ['faultBegun', PORTAL_ACTOR],
      ['faultEnding', PORTAL_ACTOR],
      ['faultEnded', PORTAL_ACTOR],
      ['drillOver', PORTAL_ACTOR],
      ['signedOff', 'user:default/omar'],
    ]);
    expect(await stage.log.verify()).toMatchObject({ intact: true });
  });

  it('lets one drill at a site be under way, whoever asks at once', async () => {
    const asked = await Promise.allSettled([
      stage.begin('one'),
      stage.begin('two'),
    ]);
    expect(asked.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'rejected',
    ]);
    const [{ drill }] = await stage.store.list({}, 10);
    await stage.drills.abort(drill.order.id, 'Enough.', person('ines'));
    await stage.portal().look();
    expect((await stage.drill(drill.order.id)).phase).toBe('over');
    await stage.begin('three');
  });

  it.each<[DrillPoint['at'], DrillPoint['where'], number]>([
    ['beginFault', 'before', 1],
    ['beginFault', 'after', 1],
    ['save', 'before', 2],
    ['save', 'after', 2],
    ['endFault', 'before', 1],
    ['endFault', 'after', 1],
  ])(
    'killed at %s, %s: the next process ends the fault first, however long it took',
    async (at, where, times) => {
      await stage.begin('one');
      let left = times;
      let die!: () => void;
      const died = new Promise<void>(resolve => {
        die = resolve;
      });
      const killed = stage.portal(point => {
        if (point.at !== at || point.where !== where) return undefined;
        left -= 1;
        if (left > 0) return undefined;
        die();
        return new Promise<void>(() => undefined);
      });
      await Promise.race([died, stage.run(killed, 120)]);
      stage.now += 600_000;
      const next = stage.portal();
      await stage.run(next, 10);
      expect(stage.faults.holding.size).toBe(0);
      await stage.run(next, 240);
      const drill = await stage.drill('one');
      expect(drill.phase).toBe('over');
      expect(stage.faults.holding.size).toBe(0);
      expect(drill.verdict).not.toBe('failed');
      expect(await stage.log.verify()).toMatchObject({ intact: true });
    },
  );

  it('is moved once by two processes that look at the same time', async () => {
    await stage.begin('one');
    const portals = [stage.portal(), stage.portal()];
    for (let second = 0; second < 90; second += 5) {
      stage.now += 5_000;
      await Promise.all(portals.map(portal => portal.look()));
    }
    expect(await stage.drill('one')).toMatchObject({ verdict: 'passed' });
    expect((await stage.store.history('one')).map(({ type }) => type)).toEqual([
      'drillRequested',
      'faultBegun',
      'faultEnding',
      'faultEnded',
      'drillOver',
    ]);
  });
});
