// SPDX-License-Identifier: Apache-2.0
import * as fc from 'fast-check';
import { Condition, conditionOf } from '../runtime/resources';
import { Node, Taint } from '../workloads/workloads';
import { drainRate, initialPace, nextPace, zoneState } from './drainPace';
import { isSilent, observeNode, silentConditions } from './nodeHealth';
import { healthyConditions } from './nodeStatus';
import { planTaints } from './nodeTaints';

const start = Date.parse('2026-03-01T08:00:00Z');
const at = (seconds: number) => new Date(start + seconds * 1000);
const grace = { monitor: 50_000, startup: 60_000 };

function aNode(
  name: string,
  given: Partial<Node> & { zone?: string } = {},
): Node {
  const { zone = '', ...rest } = given;
  return {
    metadata: {
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: at(0).toISOString(),
      labels: { 'topology.kubernetes.io/zone': zone },
    },
    ...rest,
  };
}
const ready = (status: Condition['status']): readonly Condition[] => [
  { type: 'Ready', status },
];
const reporting = (seconds: number) =>
  aNode('one', { status: { conditions: healthyConditions(at(seconds)) } });
const leased = (renewTime: string) => ({
  ...aNode('one'),
  spec: { renewTime },
});

describe('the health of a node', () => {
  const first = observeNode(undefined, reporting(0), leased('08:00'), start);

  it.each([
    ['a renewed lease', reporting(0), leased('08:10'), true],
    ['a repeated status', reporting(9), leased('08:00'), true],
    ['neither', reporting(0), leased('08:00'), false],
    [
      'a lease from before, by a clock set back',
      reporting(0),
      leased('07:00'),
      false,
    ],
    ['a lease that is gone', reporting(0), undefined, false],
  ])('%s is a sign of life or none', (_what, node, lease, isSign) => {
    const now = at(40).getTime();
    const next = observeNode(first, node, lease, now);
    expect(next.probedAt).toBe(isSign ? now : start);
    expect(isSilent(next, node, grace, at(51).getTime())).toBe(!isSign);
  });

  it('is doubted after the grace period, and later for one that never reported', () => {
    const silent = aNode('one');
    const health = observeNode(undefined, silent, undefined, at(10).getTime());
    expect(isSilent(health, silent, grace, at(60).getTime())).toBe(false);
    expect(isSilent(health, silent, grace, at(61).getTime())).toBe(true);
    expect(
      silentConditions(silent, at(61))?.map(({ type, reason }) => [
        type,
        reason,
      ]),
    ).toEqual(
      ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].map(type => [
        type,
        'NodeStatusNeverUpdated',
      ]),
    );
  });

  it('leaves conditions of others as they are, and says nothing twice', () => {
    const network: Condition = { type: 'NetworkUnavailable', status: 'False' };
    const node = aNode('one', {
      status: { conditions: [network, ...healthyConditions(at(0))] },
    });
    const conditions = silentConditions(node, at(60)) ?? [];
    expect(conditions[0]).toBe(network);
    expect(conditionOf(conditions, 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
    });
    const doubted = { ...node, status: { conditions } };
    expect(silentConditions(doubted, at(70))).toBeUndefined();
  });
});

describe('the taints of a node', () => {
  const foreign: Taint = { key: 'owner', value: 'lab', effect: 'NoExecute' };
  const key = (name: string, effect: Taint['effect']): Taint => ({
    key: `node.kubernetes.io/${name}`,
    effect,
  });
  const unreachable = [
    key('unreachable', 'NoSchedule'),
    key('unreachable', 'NoExecute'),
  ];

  it.each<[string, Partial<Node>, boolean, readonly Taint[] | undefined]>([
    ['ready', { status: { conditions: ready('True') } }, true, undefined],
    ['new', {}, true, undefined],
    ['silent', { status: { conditions: ready('Unknown') } }, true, unreachable],
    [
      'silent, but not to be drained yet',
      { status: { conditions: ready('Unknown') } },
      false,
      unreachable.slice(0, 1),
    ],
    [
      'unwell after silence',
      {
        status: { conditions: ready('False') },
        spec: { taints: [foreign, ...unreachable] },
      },
      true,
      [foreign, key('not-ready', 'NoSchedule'), key('not-ready', 'NoExecute')],
    ],
    [
      'back again',
      {
        status: { conditions: ready('True') },
        spec: { taints: [foreign, ...unreachable] },
      },
      true,
      [foreign],
    ],
    [
      'cordoned',
      { spec: { unschedulable: true } },
      true,
      [key('unschedulable', 'NoSchedule')],
    ],
  ])('%s', (_what, given, mayDrain, expected) => {
    const taints = planTaints(aNode('one', given), mayDrain, at(0));
    expect(taints?.map(({ timeAdded: _when, ...taint }) => taint)).toEqual(
      expected,
    );
    if (!taints) return;
    const settled = { ...given, spec: { ...given.spec, taints } };
    expect(planTaints(aNode('one', settled), mayDrain, at(9))).toBeUndefined();
  });
});

describe('the pace of draining', () => {
  it.each([
    [3, 0, 'normal', 0.1],
    [1, 2, 'normal', 0.1],
    [2, 3, 'partly', 0],
    [0, 1, 'wholly', 0.1],
    [40, 60, 'partly', 0.01],
  ])('%i ready and %i not: %s, %d per second', (up, down, state, rate) => {
    expect(zoneState(up, down)).toBe(state);
    expect(drainRate(zoneState(up, down), up + down)).toBe(rate);
  });

  it('stops when every zone is wholly down, and forgets whom it allowed', () => {
    const down = (name: string, zone: string) =>
      aNode(name, { zone, status: { conditions: ready('Unknown') } });
    const up = aNode('c', { zone: 'b', status: { conditions: ready('True') } });
    const some = nextPace(initialPace, [down('a', 'a'), up], start);
    expect([...some.allowed]).toEqual(['a']);
    const all = nextPace(some, [down('a', 'a'), down('c', 'b')], start + 5_000);
    expect([...all.allowed]).toEqual([]);
  });

  it('is never faster than one node of a zone in ten seconds', () => {
    const fleet = fc.array(fc.boolean(), { minLength: 4, maxLength: 30 });
    fc.assert(
      fc.property(fc.array(fleet, { minLength: 1, maxLength: 20 }), looks => {
        let pace = initialPace;
        const allowedAt = new Map<string, number[]>();
        looks.forEach((states, look) => {
          const now = start + look * 5_000;
          const nodes = states.map((isUp, index) =>
            aNode(`${index}`, {
              zone: `${index % 2}`,
              status: { conditions: ready(isUp ? 'True' : 'Unknown') },
            }),
          );
          const next = nextPace(pace, nodes, now);
          for (const name of next.allowed) {
            expect(states[Number(name)]).toBe(false);
            if (pace.allowed.has(name)) continue;
            const zone = `${Number(name) % 2}`;
            allowedAt.set(zone, [...(allowedAt.get(zone) ?? []), now]);
          }
          pace = next;
        });
        for (const times of allowedAt.values())
          times.slice(1).forEach((time, index) => {
            expect(time - times[index]).toBeGreaterThanOrEqual(10_000);
          });
      }),
    );
  });
});
