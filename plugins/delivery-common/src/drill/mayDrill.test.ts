// SPDX-License-Identifier: Apache-2.0
import { aCandidate, aDrill, anOrder, kindNamed } from './__fixtures__/drills';
import { defaultDrillPolicy, type Drill, type DrillPolicy } from './drill';
import {
  whyNotAbort,
  whyNotDrill,
  whyNotSign,
  type DrillCandidate,
} from './mayDrill';

const offline = kindNamed('offline-5m');
const pi = (number: number, change: Parameters<typeof aCandidate>[0] = {}) =>
  aCandidate({
    name: `bench-pi-0${number}`,
    hardware: 'raspberry-pi-5',
    ...change,
  });
const bench = [aCandidate(), pi(1), pi(2)];

function codes(
  chosen: readonly string[],
  change: {
    readonly candidates?: readonly DrillCandidate[];
    readonly policy?: Partial<DrillPolicy>;
    readonly kind?: string;
  } = {},
): readonly string[] {
  const refusals = whyNotDrill(
    change.kind === undefined ? offline : kindNamed(change.kind),
    { ...defaultDrillPolicy, ...change.policy },
    change.candidates ?? bench,
    chosen.map(name => `edge-staging/${name}`),
  );
  return refusals.map(({ code }) => code);
}

describe('a drill may begin', () => {
  it('on a device that is well, one of three at its site', () => {
    expect(codes(['bench-jetson-01'])).toEqual([]);
  });

  it('on as many of a site as its stage allows', () => {
    const all = bench.map(({ name }) => name);
    expect(codes(all, { policy: { siteShare: 1 } })).toEqual([]);
    expect(codes(all)).toEqual(['siteShare']);
    expect(codes(all.slice(0, 2), { policy: { siteShare: 0.67 } })).toEqual([]);
  });
});

it.each<[string, readonly string[], Parameters<typeof codes>[1]]>([
  ['noDevice', [], {}],
  ['unknownDevice', ['oslo-pi-01'], {}],
  ['otherSite', ['bench-pi-01'], { policy: { sites: ['rotterdam'] } }],
  ['otherHardware', ['bench-jetson-01'], { kind: 'undervoltage' }],
  ['tooLong', ['bench-pi-01'], { policy: { longest: 300_000 } }],
])('a drill is refused as %s', (code, chosen, change) => {
  expect(codes(chosen, change)).toEqual([code]);
});

it.each<[string, Parameters<typeof pi>[1]]>([
  ['deviceAway', { axes: { connectivity: 'stale' } }],
  ['deviceUnhealthy', { axes: { health: 'warning' } }],
  ['deviceUnhealthy', { axes: { health: 'unknown' } }],
  ['deviceIsolated', { axes: { isolation: 'cordoned' } }],
  ['deviceUpdating', { axes: { update: 'updating' } }],
  ['appsUnhealthy', { axes: { applications: 'degraded' } }],
  ['noRelease', { release: undefined }],
  ['siteBusy', { busy: true }],
])('a device is refused as %s', (code, change) => {
  const candidates = [aCandidate(), pi(1, change), pi(2)];
  expect(codes(['bench-pi-01'], { candidates })).toEqual([code]);
});

it('counts who is away at the site already, and keeps to one release', () => {
  const gone = pi(2, { axes: { connectivity: 'offline' } });
  const candidates = [aCandidate(), pi(1), gone];
  expect(codes(['bench-pi-01'], { candidates })).toEqual(['siteShare']);
  const other = pi(1, { release: { id: 'release-2', version: '2.8.2' } });
  expect(
    codes(['bench-jetson-01', 'bench-pi-01'], {
      candidates: [aCandidate(), other],
      policy: { siteShare: 1 },
    }),
  ).toEqual(['differentReleases']);
});

describe('people', () => {
  const passed: Drill = {
    ...aDrill(offline),
    phase: 'over',
    verdict: 'passed',
  };
  const omar = 'user:default/omar';

  it.each<[string | undefined, Partial<Drill>, string]>([
    [undefined, {}, omar],
    ['ownDrill', {}, anOrder().requestedBy],
    ['notOver', { phase: 'recovery', verdict: undefined }, omar],
    ['notPassed', { verdict: 'failed' }, omar],
    ['notPassed', { verdict: 'unclear' }, omar],
    [
      'isSigned',
      {
        signature: {
          decision: 'sentBack',
          by: omar,
          at: anOrder().requestedAt,
        },
      },
      omar,
    ],
  ])('sign a drill off: %s', (code, change, actor) => {
    expect(whyNotSign({ ...passed, ...change }, actor)?.code).toBe(code);
  });

  it('abort it once, while it is under way', () => {
    const drill = aDrill(offline);
    const abort = { by: omar, at: drill.lookedAt, reason: 'Stop.' };
    expect(whyNotAbort(drill)).toBeUndefined();
    expect(whyNotAbort({ ...drill, abort })?.code).toBe('isAborted');
    expect(whyNotAbort(passed)?.code).toBe('isOver');
  });
});
