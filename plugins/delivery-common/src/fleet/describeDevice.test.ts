// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import {
  aNode,
  aPod,
  axesWith,
  instant,
  now,
  someFacts,
} from './__fixtures__/builders';
import { axisNames, axisStates, type AxisName, type Telemetry } from './device';
import { describeDevice, type DeviceFacts } from './describeDevice';
import { knownHardware } from './limits';

/** The state and the code of the reason on one axis. */
function told(axis: AxisName, parts: Partial<DeviceFacts>) {
  const { state, reason } = describeDevice(someFacts(parts), undefined, now)[
    axis
  ];
  return reason ? `${state} ${reason.code}` : state;
}

const beat = (secondsAgo: number, duration = 40_000) => ({
  heartbeat: { seenAt: now - secondsAgo * 1000, duration },
});
const ready = (status: 'True' | 'False' | 'Unknown', reason?: string) => ({
  node: aNode({ conditions: [{ type: 'Ready', status, reason }] }),
});
const lost: DeviceFacts['freshness'] = {
  state: 'unreachable',
  since: instant(60),
  problem: 'No connection.',
};

describe('connectivity', () => {
  it.each<[string, Partial<DeviceFacts>, string]>([
    ['a lease that holds', beat(40), 'live'],
    ['a lease that has run out', beat(41), 'stale leaseExpired'],
    ['a lease that says that it holds longer', beat(41, 60_000), 'live'],
    [
      'three durations of silence',
      { ...beat(121), ...ready('Unknown') },
      'offline silent',
    ],
    [
      'silence while the cluster still takes it for ready',
      beat(121),
      'stale contradiction',
    ],
    [
      'a kubelet that is not ready but heard',
      { ...beat(1), ...ready('False') },
      'live',
    ],
    [
      'a cluster that is not heard',
      { ...beat(1), freshness: lost },
      'stale clusterUnreachable',
    ],
    [
      'a cluster that is not heard, of a device that was away',
      { ...beat(9_999), ...ready('Unknown'), freshness: lost },
      'stale clusterUnreachable',
    ],
    ['leases that may not be read, ready', { heartbeat: undefined }, 'live'],
    [
      'leases that may not be read, unknown',
      { heartbeat: undefined, ...ready('Unknown', 'NodeStatusUnknown') },
      'offline silent',
    ],
    [
      'a node that has only registered',
      { heartbeat: undefined, ...ready('Unknown', 'NodeStatusNeverUpdated') },
      'never neverSeen',
    ],
    [
      'a device of the inventory without a node',
      { node: undefined, heartbeat: undefined },
      'never notJoined',
    ],
  ])('%s', (_name, facts, expected) => {
    expect(told('connectivity', facts)).toBe(expected);
  });

  it('began when it was heard last', () => {
    const { connectivity } = describeDevice(
      someFacts({ ...beat(300), ...ready('Unknown') }),
      undefined,
      now,
    );
    expect(connectivity.since).toBe(instant(300));
  });
});

const measured = (telemetry: Partial<Telemetry>): Partial<DeviceFacts> => ({
  telemetry: { readings: {}, ...telemetry },
});
const degrees = (value: number, secondsAgo = 20) => ({
  readings: {
    temperature: { value, unit: '°C', at: instant(secondsAgo), source: 'test' },
  },
});
const complaint = (isNow: boolean, sinceBoot: boolean) => ({
  now: isNow,
  sinceBoot,
  at: instant(20),
  source: 'vcgencmd',
});
const condition = (type: string) => ({
  node: aNode({
    conditions: [
      { type: 'Ready', status: 'True' },
      { type, status: 'True' },
    ],
  }),
});
const jetson = { limits: knownHardware['jetson-orin-nx'] };

describe('health', () => {
  it.each<[string, Partial<DeviceFacts>, string]>([
    ['nothing wrong', {}, 'ok'],
    ['warm', measured(degrees(79)), 'ok'],
    ['hot', measured(degrees(80)), 'warning hot'],
    ['too hot', measured(degrees(90)), 'critical hot'],
    [
      'hot for others, not for this hardware',
      {
        ...measured(degrees(84)),
        ...jetson,
        node: aNode({ graphicsProcessors: 1 }),
      },
      'ok',
    ],
    ['hot, but long ago', measured(degrees(99, 301)), 'ok'],
    ['no number', measured(degrees(NaN)), 'ok'],
    [
      'throttled now',
      measured({ throttled: complaint(true, true) }),
      'warning throttled',
    ],
    [
      'throttled since the boot only',
      measured({ throttled: complaint(false, true) }),
      'ok',
    ],
    [
      'undervoltage now',
      measured({ undervoltage: complaint(true, true) }),
      'warning undervoltage',
    ],
    [
      'undervoltage since the boot only',
      measured({ undervoltage: complaint(false, true) }),
      'ok',
    ],
    ['no graphics processor', jetson, 'critical graphicsMissing'],
    ['memory pressure', condition('MemoryPressure'), 'warning memoryPressure'],
    ['disk pressure', condition('DiskPressure'), 'critical diskPressure'],
    ['a condition of K3s that is good', condition('EtcdIsVoter'), 'ok'],
    ['a kubelet that is not ready', ready('False'), 'critical notReady'],
    [
      'the worst first',
      { ...measured(degrees(82)), ...condition('DiskPressure') },
      'critical diskPressure',
    ],
    [
      'nothing heard',
      { ...beat(50), ...measured(degrees(99)) },
      'unknown notHeard',
    ],
  ])('%s', (_name, facts, expected) => {
    expect(told('health', facts)).toBe(expected);
  });

  it('remembers what it was through a silence, and its beginning while it stays', () => {
    const before = axesWith({
      health: { state: 'warning', since: instant(600) },
      applications: { state: 'healthy', since: instant(600) },
    });
    const silent = describeDevice(someFacts(beat(50)), before, now);
    expect(silent.health).toMatchObject({ state: 'unknown', was: 'warning' });
    const later = describeDevice(someFacts(beat(60)), silent, now + 10_000);
    expect(later.health).toMatchObject({
      was: 'warning',
      since: silent.health.since,
    });
    expect(later.applications.was).toBe('healthy');
  });
});

const old = aPod({ images: ['registry.example/belt-control:1'] });
const fresh = (state: 'starting' | 'running') =>
  aPod({ name: 'belt-control-new', state });

describe('what runs', () => {
  it.each<[AxisName, string, Partial<DeviceFacts>, string]>([
    ['applications', 'nothing', { pods: [] }, 'none'],
    [
      'applications',
      'what belongs to the node',
      { pods: [aPod({ ofSystem: true })] },
      'none',
    ],
    ['applications', 'all', {}, 'healthy'],
    [
      'applications',
      'one starts',
      { pods: [aPod(), fresh('starting')] },
      'degraded starting',
    ],
    [
      'applications',
      'one of two fails',
      { pods: [aPod(), aPod({ state: 'failing' })] },
      'degraded failing',
    ],
    [
      'applications',
      'all fail',
      { pods: [aPod({ state: 'failing' })] },
      'failed failing',
    ],
    ['update', 'the wanted image', {}, 'upToDate'],
    ['update', 'an older image', { pods: [old] }, 'outOfDate olderVersion'],
    [
      'update',
      'both',
      { pods: [old, fresh('starting')] },
      'updating replacing',
    ],
    [
      'update',
      'a new one starts',
      { pods: [fresh('starting')] },
      'updating starting',
    ],
    ['update', 'away with the wanted image', beat(50), 'unknown notHeard'],
    [
      'update',
      'away with an older image',
      { ...beat(50), pods: [old] },
      'outOfDate awayAndBehind',
    ],
    [
      'update',
      'nothing to compare',
      { wantedImages: () => undefined },
      'unknown nothingToCompare',
    ],
    [
      'update',
      'held by the device',
      { pods: [aPod({ state: 'held' })] },
      'updating heldByDevice',
    ],
    [
      'hold',
      'held by the device',
      { pods: [aPod({ state: 'held' })] },
      'device heldUpgrade',
    ],
    [
      'hold',
      'held by an operator',
      { node: aNode({ heldBecause: 'Fair until Monday' }) },
      'operator annotation',
    ],
    [
      'isolation',
      'cordoned',
      { node: aNode({ unschedulable: true }) },
      'cordoned cordoned',
    ],
    [
      'isolation',
      'quarantined',
      { node: aNode({ unschedulable: true, quarantine: '' }) },
      'quarantined quarantine',
    ],
  ])('%s: %s', (axis, _name, facts, expected) => {
    expect(told(axis, facts)).toBe(expected);
  });
});

describe('whatever clusters say', () => {
  const hostile = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.constantFrom(
      '<script>alert(1)</script>',
      '$(reboot)',
      '../../etc/passwd',
      '__proto__',
      'constructor',
      '{{ template }}',
      "'; drop table fleet_devices; --",
      '\u202Eexe.gpj\u0000',
    ),
  );
  const nodes = fc
    .record({
      name: hostile,
      labels: fc.dictionary(hostile, hostile),
      version: hostile,
      coordinates: hostile,
      heldBecause: hostile,
      quarantine: hostile,
      conditions: fc.array(
        fc.record({
          type: hostile,
          status: fc.constantFrom('True', 'False', 'Unknown'),
          reason: hostile,
          message: hostile,
        }),
      ),
    })
    .map(parts => aNode(parts));

  it('is text: every axis has one of its states, and the same facts give the same states', () => {
    fc.assert(
      fc.property(
        nodes,
        fc.array(
          hostile.map(text =>
            aPod({
              name: text,
              reason: text,
              images: [text],
              workload: { kind: text, name: text },
            }),
          ),
        ),
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
        (node, pods, secondsAgo) => {
          const facts = someFacts({ node, pods, ...beat(secondsAgo) });
          const axes = describeDevice(facts, undefined, now);
          for (const name of axisNames) {
            expect(axisStates[name]).toContain(axes[name].state);
            expect(typeof axes[name].since).toBe('string');
          }
          expect(describeDevice(facts, undefined, now)).toEqual(axes);
        },
      ),
    );
  });

  it('is never green while it is not heard', () => {
    fc.assert(
      fc.property(
        nodes,
        fc.integer({ min: 41, max: 1_000_000 }),
        (node, secondsAgo) => {
          const axes = describeDevice(
            someFacts({ node, ...beat(secondsAgo) }),
            axesWith(),
            now,
          );
          expect(axes.connectivity.state).not.toBe('live');
          expect(axes.health.state).toBe('unknown');
          expect(axes.applications.state).toBe('unknown');
          expect(axes.update.state).not.toBe('upToDate');
        },
      ),
    );
  });

  it('stays as it is when nothing changes but the time', () => {
    fc.assert(
      fc.property(nodes, fc.integer({ min: 0, max: 30 }), (node, seconds) => {
        const facts = someFacts({ node, ...beat(5) });
        const before = describeDevice(facts, undefined, now);
        expect(describeDevice(facts, before, now + seconds * 1000)).toEqual(
          before,
        );
      }),
    );
  });
});
