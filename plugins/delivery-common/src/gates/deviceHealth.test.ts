// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { aRelease, at, soaked } from '../promotion/__fixtures__/story';
import type { GateDefinitionOf } from './gate';
import { evaluateGates, gateNeeds } from './evaluateGates';
import { noGateFacts, type GateFacts } from './facts';
import { known, unknown } from './known';
import type { StageDevice } from './stageDevices';

const stage = 'edge-staging';
const definition: GateDefinitionOf<'deviceHealth'> = {
  kind: 'deviceHealth',
  name: 'Device health in Edge staging',
  stage,
  healthyPercent: 75,
  duration: 60_000,
  ignoreAway: 3_600_000,
  atLeast: 1,
};
const question = { release: aRelease(1), approvals: [] };

function device(name: string, change: Partial<StageDevice> = {}): StageDevice {
  return {
    name,
    connectivity: 'live',
    health: 'ok',
    healthSince: at(-600),
    isMeasured: true,
    release: 'ready',
    readySince: at(0),
    ...change,
  };
}

const hot = {
  health: 'warning',
  healthSince: at(-60),
  healthReason: 'Hot: 78 °C, limit 75.',
} as const;
const away = (since: number) =>
  ({ connectivity: 'offline', connectivitySince: at(since) } as const);

/** Four devices of which the last is as the test says. */
const four = (...changes: readonly Partial<StageDevice>[]) =>
  ['a', 'b', 'c', 'd'].map((name, index) =>
    device(name, changes[index - 4 + changes.length]),
  );

interface Asked {
  readonly seconds?: number;
  readonly withoutPod?: number;
  readonly seen?: GateFacts['stages'][string];
  readonly rules?: Partial<typeof definition>;
}

function ask(
  devices: readonly StageDevice[] | GateFacts['devices'][string],
  asked: Asked = {},
) {
  const { seconds = 60, withoutPod = 0, rules = {} } = asked;
  const seen =
    'seen' in asked
      ? asked.seen
      : known(soaked({ stage, watchedSince: at(0) }));
  const found = Array.isArray(devices)
    ? known({ devices, withoutPod })
    : (devices as GateFacts['devices'][string]);
  const [verdict] = evaluateGates([{ ...definition, ...rules }], {
    question,
    facts: {
      ...noGateFacts,
      stages: seen ? { [stage]: seen } : {},
      devices: found ? { [stage]: found } : {},
    },
    now: at(seconds),
  });
  return verdict;
}

it.each<[string, ReturnType<typeof ask>, string]>([
  ['all are well', ask(four()), 'passed devicesHealthy'],
  ['just enough are', ask(four(hot)), 'passed devicesHealthy'],
  ['too few are', ask(four(hot, hot)), 'waiting devicesUnhealthy'],
  [
    'a share is rounded up',
    ask(four(hot), { rules: { healthyPercent: 75.1 } }),
    'waiting devicesUnhealthy',
  ],
  [
    'nobody looked at devices',
    ask(undefined as never),
    'waiting devicesUnknown',
  ],
  [
    'they can not be seen',
    ask(unknown(at(0), 'edge-north is not heard.')),
    'waiting devicesUnknown',
  ],
  [
    'nobody looked at the stage',
    ask(four(), { seen: undefined }),
    'waiting devicesUnknown',
  ],
  [
    'the stage can not be seen',
    ask(four(), { seen: unknown(at(0), 'No answer.') }),
    'waiting devicesUnknown',
  ],
  [
    'it was never there',
    ask(four(), { seen: known(undefined) }),
    'waiting notThereYet',
  ],
  [
    'it has left',
    ask(four(), { seen: known(soaked({ stage, health: 'gone' })) }),
    'waiting leftStage',
  ],
  [
    'one second is missing',
    ask(four(), { seconds: 59 }),
    'waiting devicesHolding',
  ],
  [
    'the portal looks only since a moment ago',
    ask(four(), { seen: known(soaked({ stage, watchedSince: at(1) })) }),
    'waiting devicesHolding',
  ],
  [
    'one more than may be became well too late',
    ask(four({ healthSince: at(1) }, { healthSince: at(30) })),
    'waiting devicesHolding',
  ],
  [
    'pods were not ready all the time',
    ask(four({ readySince: at(1) }, { readySince: at(30) })),
    'waiting devicesHolding',
  ],
  [
    'measurements were missing for a while',
    ask(four({ measuredSince: at(1) }, { measuredSince: at(30) })),
    'waiting devicesHolding',
  ],
  [
    'clocks of devices go ahead',
    ask(four({ readySince: at(900) }, { readySince: at(900) })),
    'passed devicesHealthy',
  ],
  [
    'nothing says since when they are well',
    ask(four({ healthSince: undefined }, { healthSince: undefined })),
    'waiting devicesHolding',
  ],
  [
    'devices are not measured',
    ask(four({ isMeasured: false }, { isMeasured: false })),
    'waiting devicesUnhealthy',
  ],
  [
    'devices still have another version',
    ask(four({ release: 'another' }, { release: 'another' })),
    'waiting devicesUnhealthy',
  ],
  [
    'pods are not ready',
    ask(four({ release: 'notReady' }, { release: 'notReady' })),
    'waiting devicesUnhealthy',
  ],
  [
    'pods are missing',
    ask(four(), { withoutPod: 2 }),
    'waiting devicesUnhealthy',
  ],
  [
    'two are away since not so long ago',
    ask(four(away(-3_539), away(-3_539))),
    'waiting devicesUnhealthy',
  ],
  [
    'two are away for long',
    ask(four(away(-3_540), away(-3_540))),
    'passed devicesHealthy',
  ],
  [
    'nobody knows since when two are away',
    ask(four({ connectivity: 'stale' }, { connectivity: 'stale' })),
    'waiting devicesUnhealthy',
  ],
  [
    'two are away and not to be counted',
    ask(four(away(60), away(60)), { rules: { ignoreAway: 0 } }),
    'passed devicesHealthy',
  ],
  [
    'two are away and always to be counted',
    ask(four(away(-999_999), away(-999_999)), {
      rules: { ignoreAway: undefined },
    }),
    'waiting devicesUnhealthy',
  ],
  [
    'fewer are heard than must be',
    ask(four(away(-3_540)), { rules: { atLeast: 4 } }),
    'waiting tooFewDevices',
  ],
  [
    'all are away',
    ask([device('a', away(-3_540))], { rules: { ignoreAway: 0 } }),
    'waiting tooFewDevices',
  ],
  ['there are none', ask([]), 'waiting tooFewDevices'],
])('%s', (_, { verdict, code }, expected) => {
  expect(`${verdict} ${code}`).toBe(expected);
});

it.each<[string, ReturnType<typeof ask>, string]>([
  [
    'what is wrong, by name',
    ask(
      four(hot, away(0), {
        release: 'notReady',
        releaseReason: 'CrashLoopBackOff',
      }),
      {
        withoutPod: 1,
      },
    ),
    '1 of 5 devices in edge-staging are healthy with 2.8.1, 75 % needed; b is in state warning for 2 min (Hot: 78 °C, limit 75), c is away for 1 min, d runs it not ready (CrashLoopBackOff); 1 without a pod of it.',
  ],
  [
    'since when devices are not measured, and on which there is another version',
    ask(
      four(
        { isMeasured: false },
        { isMeasured: false, unmeasuredSince: at(-60) },
        { release: 'another' },
      ),
    ),
    '1 of 4 devices in edge-staging are healthy with 2.8.1, 75 % needed; b was not measured yet, c is not measured for 2 min, d has another version.',
  ],
  [
    'who is left out when it passes',
    ask(four(away(-90_000))),
    '3 of 3 devices in edge-staging are healthy with 2.8.1, 75 % of them for 1 min; not counted, because away for 1 h or longer: d.',
  ],
  [
    'how many have been well for long enough',
    ask(four({ healthSince: at(30) }, { healthSince: at(40) })),
    '4 of 4 devices in edge-staging are healthy with 2.8.1, 2 of them for 1 min; 75 % must be.',
  ],
  [
    'how many must be heard',
    ask(four(away(-90_000)), { rules: { atLeast: 4, ignoreAway: 0 } }),
    '3 of 4 devices in edge-staging are heard, at least 4 needed; not counted, because away: d.',
  ],
  [
    'why nothing is seen',
    ask(unknown(at(0), 'edge-north is not heard.')),
    'How the devices in edge-staging do can not be seen now: edge-north is not heard.',
  ],
])('says %s', (_, { reason }, expected) => {
  expect(reason).toBe(expected);
});

it('names three of many, each in one line of limited length', () => {
  const rude = `${'<b>\n'.repeat(100)}.`;
  const { reason } = ask(
    Array.from({ length: 40 }, (_, index) =>
      device(`pi-${index + 10}`, { ...hot, healthReason: rude }),
    ),
  );
  expect(reason).toContain('pi-12 is');
  expect(reason).not.toContain('pi-13');
  expect(reason).toMatch(/, 37 more\.$/);
  expect(reason).not.toContain('\n');
  expect(reason.length).toBeLessThan(600);
});

it('says when it is expected to pass, and looks at its own stage alone', () => {
  expect(
    ask(four({ healthSince: at(30) }, { healthSince: at(40) })),
  ).toMatchObject({
    since: at(30),
    expected: at(90),
  });
  expect(gateNeeds([definition], question)).toEqual([
    { fact: 'stage', stage },
    { fact: 'devices', stage },
  ]);
});

/** Devices of which nothing is told that comes later than that second. */
function someDevices(latest: number) {
  const instants = fc.integer({ min: -200, max: latest }).map(at);
  const some: fc.Arbitrary<StageDevice> = fc.record(
    {
      name: fc.constantFrom('a', 'b', 'c'),
      connectivity: fc.constantFrom('live', 'live', 'live', 'stale', 'never'),
      connectivitySince: instants,
      health: fc.constantFrom('ok', 'ok', 'ok', 'warning', 'critical'),
      healthSince: instants,
      isMeasured: fc.constantFrom(true, true, true, false),
      measuredSince: instants,
      release: fc.constantFrom('ready', 'ready', 'ready', 'notReady'),
      readySince: instants,
    },
    {
      requiredKeys: [
        'name',
        'connectivity',
        'health',
        'healthSince',
        'isMeasured',
        'release',
      ],
    },
  );
  return fc.array(some, { maxLength: 12 });
}

const rules = fc.record({
  healthyPercent: fc.integer({ min: 1, max: 100 }),
  ignoreAway: fc.constantFrom(undefined, 0, 60_000),
  atLeast: fc.integer({ min: 1, max: 4 }),
});

it('passes only when enough of those that are heard are well and were so all the time', () => {
  let passed = 0;
  fc.assert(
    fc.property(someDevices(100), rules, (devices, asked) => {
      if (ask(devices, { rules: asked }).verdict !== 'passed') return;
      passed += 1;
      const heard = devices.filter(each => each.connectivity === 'live');
      const well = heard.filter(
        each =>
          each.health === 'ok' &&
          each.isMeasured &&
          each.release === 'ready' &&
          each.healthSince! <= at(0),
      );
      expect(well.length).toBeGreaterThan(0);
      expect(heard.length).toBeGreaterThanOrEqual(asked.atLeast);
      expect(well.length * 100).toBeGreaterThanOrEqual(
        asked.healthyPercent * heard.length,
      );
    }),
    { numRuns: 2_000 },
  );
  expect(passed).toBeGreaterThan(50);
});

it('never opens because a device does worse', () => {
  fc.assert(
    fc.property(someDevices(100), rules, (devices, asked) => {
      const [first, ...others] = devices;
      const worse = first && { ...first, health: 'critical' as const };
      const now = ask(devices, { rules: asked });
      const then = ask(worse ? [worse, ...others] : [], { rules: asked });
      expect([now.verdict, then.verdict]).not.toEqual(['waiting', 'passed']);
    }),
    { numRuns: 1_000 },
  );
});

it('opens by itself at the moment that it says, and not before', () => {
  let said = 0;
  const asked = rules.map(each => ({ ...each, ignoreAway: undefined }));
  fc.assert(
    fc.property(someDevices(60), asked, (devices, those) => {
      const { expected } = ask(devices, { rules: those });
      if (expected === undefined) return;
      said += 1;
      const seconds = (Date.parse(expected) - Date.parse(at(0))) / 1_000;
      const then = (moment: number) =>
        ask(devices, { seconds: moment, rules: those }).verdict;
      expect([then(seconds - 1), then(seconds)]).toEqual(['waiting', 'passed']);
    }),
    { numRuns: 2_000 },
  );
  expect(said).toBeGreaterThan(50);
});
