// SPDX-License-Identifier: Apache-2.0
import type { Scheduler } from '../time/Scheduler';
import { DeviceMachines, probeImage, rebootImage } from './DeviceMachines';
import { DeviceWorld } from './DeviceWorld';
import { planFleet } from './planFleet';

/** Time and timers turned by hand. */
function turnedByHand() {
  let now = Date.parse('2026-07-01T13:00:00Z');
  const waiting = new Set<{
    readonly due: number;
    readonly task: () => void;
  }>();
  const scheduler: Scheduler = {
    now: () => new Date(now),
    after(milliseconds, task) {
      const timer = { due: now + milliseconds, task };
      waiting.add(timer);
      return () => waiting.delete(timer);
    },
    sleep: () => Promise.reject(new Error('nobody sleeps here')),
    stop: () => waiting.clear(),
  };
  const advance = (milliseconds: number) => {
    const end = now + milliseconds;
    for (;;) {
      const next = [...waiting].find(({ due }) => due <= end);
      if (!next) break;
      waiting.delete(next);
      now = next.due;
      next.task();
    }
    now = end;
  };
  return { scheduler, advance, timers: () => waiting.size };
}

describe('DeviceMachines', () => {
  const plan = planFleet({ sites: 40, devices: 1_000, clusters: 2 });
  const [cluster, other] = plan.clusters;
  const names = (of: string) => plan.devicesOf(of).map(({ name }) => name);
  const setUp = () => {
    const time = turnedByHand();
    const world = new DeviceWorld({ plan, clock: time.scheduler.now });
    const machines = new DeviceMachines(world, cluster, time.scheduler);
    const told: string[] = [];
    machines.onChange(node => told.push(node));
    return { ...time, world, machines, told };
  };

  it('needs no timer for devices that stay as they are, however many are away', () => {
    const { world, machines, told, timers, advance } = setUp();
    const away = world.effects.begin({
      kind: 'offline',
      devices: [...names(cluster), ...names(other)],
    });
    expect(told).toEqual(names(cluster));
    expect(timers()).toBe(0);
    advance(3_600_000);
    away.end();
    expect(told).toEqual([...names(cluster), ...names(cluster)]);
    expect(machines.isConnected(names(cluster)[0])).toBe(true);
    expect(timers()).toBe(0);
  });

  it('needs one timer for all that change by themselves, until they have', () => {
    const { world, machines, told, timers, advance } = setUp();
    const [first] = names(cluster);
    world.effects.begin({ kind: 'reboot', devices: names(cluster) });
    expect(timers()).toBe(1);
    expect(machines.isRunning(first)).toBe(false);
    const before = machines.bootedAt(first);
    advance(60_000);
    expect(machines.isRunning(first)).toBe(true);
    expect(machines.bootedAt(first).getTime()).toBeGreaterThan(
      before.getTime(),
    );
    expect(timers()).toBe(0);
    for (const name of names(cluster))
      expect(told.filter(node => node === name)).toHaveLength(2);
  });

  it('tells of every turn of a network that comes and goes', () => {
    const { world, machines, told, timers, advance } = setUp();
    const [first] = names(cluster);
    const flapping = world.effects.begin({
      kind: 'flapping',
      devices: [first],
      parameters: { period: 60 },
    });
    const seen: boolean[] = [];
    machines.onChange(node => seen.push(machines.isConnected(node)));
    advance(600_000);
    expect(seen.length).toBeGreaterThanOrEqual(19);
    seen.forEach((connected, turn) => expect(connected).toBe(turn % 2 === 1));
    flapping.end();
    expect(told).toContain(first);
    advance(1_000);
    expect(timers()).toBe(0);
  });

  it('restarts a device on which a container for that has ended, and no other', () => {
    const { world, machines, advance } = setUp();
    const [first, second] = names(cluster);
    machines.ran(second, ['registry.example/backup:1']);
    machines.ran('cloud-staging-1', [rebootImage]);
    machines.ran(first, [rebootImage]);
    expect(machines.isRunning(first)).toBe(false);
    expect(machines.isRunning(second)).toBe(true);
    advance(60_000);
    expect(machines.isRunning(first)).toBe(true);
    machines.ran(first, ['simulator.causeway.dev/os-upgrade:26.11']);
    expect(machines.isRunning(first)).toBe(false);
    advance(60_000);
    expect(machines.isRunning(first)).toBe(true);
    expect(world.effects.of(first)).toHaveLength(2);
  });

  it('fails a program that asks the cloud where too much is lost, and no other', () => {
    const { world, machines } = setUp();
    const [first, second] = names(cluster);
    world.effects.begin({
      kind: 'packetLoss',
      devices: [first],
      parameters: { share: 0.5 },
    });
    expect(machines.endOf(first, [probeImage])).toEqual({
      exitCode: 1,
      message: '50 % of the packets were lost',
    });
    expect(
      machines.endOf(first, ['registry.example/backup:1']),
    ).toBeUndefined();
    expect(machines.endOf(second, [probeImage])).toBeUndefined();
    expect(machines.endOf('cloud-staging-1', [probeImage])).toBeUndefined();
  });

  it('kills the containers of one workload, or of all', () => {
    const { world, machines, advance } = setUp();
    const [first, second] = names(cluster);
    const belt = { namespace: 'sorting', workload: 'belt' };
    const agent = { namespace: 'sorting', workload: 'agent' };
    const began = world.clock().getTime();
    world.effects.begin({
      kind: 'containerRestart',
      devices: [first],
      parameters: belt,
    });
    expect(machines.killedAt(first, belt)).toBe(began);
    expect(machines.killedAt(first, agent)).toBeUndefined();
    expect(machines.killedAt(second, belt)).toBeUndefined();
    advance(1_000);
    world.effects.begin({ kind: 'containerRestart', devices: [first] }).end();
    expect(machines.killedAt(first, belt)).toBe(began + 1_000);
    expect(machines.killedAt(first, agent)).toBe(began + 1_000);
  });

  it('takes nodes that are no devices for healthy', () => {
    const { machines } = setUp();
    expect(machines.isConnected('cloud-staging-1')).toBe(true);
    expect(machines.pullDuration('cloud-staging-1', 'belt:1.0.0')).toBe(0);
    expect(machines.graphicsProcessors('cloud-staging-1')).toBe(0);
  });
});
