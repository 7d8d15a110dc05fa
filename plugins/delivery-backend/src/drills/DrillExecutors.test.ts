// SPDX-License-Identifier: Apache-2.0
import { ConfigReader } from '@backstage/config';
import { MemoryFaults } from './__testUtils__/MemoryFaults';
import { readDrillConfig } from './devices/readDrillConfig';
import type { FaultOrder } from './DrillExecutor';
import { DrillExecutors } from './DrillExecutors';

/** Devices of one cluster, on which nothing but the network can be troubled. */
class OfOneCluster extends MemoryFaults {
  override readonly title = 'a Job on the device';
  override readonly faults = ['networkOff'] as const;

  constructor(private readonly cluster: string) {
    super();
  }

  override serves(cluster: string): boolean {
    return cluster === this.cluster;
  }
}

const real = new OfOneCluster('north');
const world = new MemoryFaults();
const both = new DrillExecutors([real, world]);
const { signal } = new AbortController();
const order: FaultOrder = {
  drill: 'one',
  fault: 'networkOff',
  devices: ['north', 'south'].map(cluster => ({
    id: `${cluster}/pi`,
    cluster,
    name: `${cluster}-pi`,
  })),
  targets: [],
  duration: 60_000,
  requestedAt: '2026-11-22T08:00:00.000Z',
};

it('gives each device to the first that serves its cluster, and ends what can be ended', async () => {
  await both.begin(order, signal);
  expect(real.holding.get('one')).toEqual(['north-pi']);
  expect(world.holding.get('one')).toEqual(['south-pi']);
  real.isAway = true;
  await expect(both.end(order, signal)).rejects.toThrow('Nobody answers.');
  expect(world.holding.size).toBe(0);
  real.isAway = false;
  expect(await both.end(order, signal)).toEqual({});
  expect(real.holding.size).toBe(0);
});

it('says what can not be brought about, and by whom', () => {
  expect(both.whyNot('heat')).toBeUndefined();
  expect(both.whyNotIn('south', 'heat')).toBeUndefined();
  expect(both.whyNotIn('north', 'networkOff')).toBeUndefined();
  const cannot = {
    code: 'unknownFault',
    message: 'Nothing here can bring about heat: a Job on the device can not.',
  };
  expect(both.whyNotIn('north', 'heat')).toEqual(cannot);
  const alone = new DrillExecutors([real]);
  expect(alone.whyNot('heat')).toEqual(cannot);
  expect(alone.whyNotIn('south', 'networkOff')).toMatchObject({
    code: 'noExecutor',
    message: expect.stringContaining('south'),
  });
  expect(new DrillExecutors([]).whyNot('heat')?.code).toBe('noExecutor');
});

it('never forgets a device that nobody serves any more', async () => {
  const alone = new DrillExecutors([real]);
  await expect(alone.end(order, signal)).rejects.toThrow('the cluster south');
});

describe('delivery.drills.jobs', () => {
  const read = (jobs?: object) =>
    readDrillConfig(
      new ConfigReader({ delivery: { drills: jobs && { jobs } } }),
    );
  const given = { clusters: ['north'], namespace: 'drills', image: 'drill:1' };

  it('may be left out, and so may its times', () => {
    expect(read()).toBeUndefined();
    expect(read(given)).toEqual({ ...given, start: 90, lead: 20, grace: 120 });
    expect(read({ ...given, leadSeconds: 40 })?.lead).toBe(40);
  });

  it.each([
    [{ ...given, clusters: [] }, 'clusters'],
    [{ ...given, image: undefined }, 'image'],
    [{ ...given, leadSeconds: 0 }, 'leadSeconds'],
    [{ ...given, graceSeconds: 1.5 }, 'graceSeconds'],
  ])('refuses %j', (jobs, named) => {
    expect(() => read(jobs)).toThrow(named);
  });
});
