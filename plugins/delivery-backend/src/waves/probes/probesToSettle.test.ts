// SPDX-License-Identifier: Apache-2.0
import type { HealthCheckTallies } from '@causeway/plugin-delivery-common';
import fc from 'fast-check';
import { aTarget } from '../../promotions/__fixtures__/parcelVision';
import type { DeviceToCheck } from '../devicesToCheck';
import type { ProbeOutcome } from './probeOutcome';
import {
  probeAnswer,
  probesAtOnce,
  probesToSettle,
  type ProbeListing,
  type ProbeToMake,
  type SeenProbe,
} from './probesToSettle';

const every = 300_000;
const now = 10_000_000;
const probe = {
  name: 'belt-moves',
  image: 'belt-probe:1',
  command: ['/probe'],
  timeout: 30,
  start: 60,
};
const configured = new Map([[probe.name, probe]]);
const cluster = 'edge-north';
const target = aTarget(cluster);

function aDevice(
  id: string,
  { at, pod = `${id}-0` }: { readonly at?: number; readonly pod?: string } = {},
): DeviceToCheck {
  const tallies: HealthCheckTallies =
    at === undefined ? {} : { job: { at, failures: 0, isKnown: true } };
  const found: unknown = { target, node: id, pod: { name: pod } };
  return {
    id,
    found: found as DeviceToCheck['found'],
    checks: { job: { probe: probe.name, every } },
    due: ['job'],
    tallies,
  };
}

const settle = (
  devices: readonly DeviceToCheck[],
  probes: readonly SeenProbe[] = [],
  silent: ProbeListing['silent'] = new Map(),
) => probesToSettle('p', devices, configured, { probes, silent }, now);

const seen = (
  { name, namespace, device }: ProbeToMake,
  outcome: ProbeOutcome = { kind: 'running' },
  deleting = false,
): SeenProbe => ({ cluster, name, namespace, device, outcome, deleting });

const answer = (
  device: DeviceToCheck,
  probes: readonly SeenProbe[] = [],
  silent: ProbeListing['silent'] = new Map(),
  refused?: { readonly at: number; readonly obstacle: string },
) => probeAnswer('p', device, configured, { probes, silent }, refused, now);

describe('what a probe says now', () => {
  const [run] = settle([aDevice('a')]).make;
  const old = { at: now - every };

  it.each<[string, Parameters<typeof answer>, object | undefined]>([
    ['it runs for the first time', [aDevice('a'), [seen(run)]], undefined],
    ['it passed', [aDevice('a'), [seen(run, { kind: 'well' })]], { at: now }],
    [
      'it failed',
      [aDevice('a'), [seen(run, { kind: 'failed', problem: 'x' })]],
      { at: now, problem: 'x' },
    ],
    [
      'it was hindered',
      [aDevice('a'), [seen(run, { kind: 'hindered', obstacle: 'x' })]],
      { at: now, obstacle: 'x' },
    ],
    [
      'it passed, and is on its way out',
      [aDevice('a'), [seen(run, { kind: 'well' }, true)]],
      undefined,
    ],
    [
      'it passed on another pod',
      [aDevice('a', { pod: 'a-1' }), [seen(run, { kind: 'well' })]],
      undefined,
    ],
    [
      'its outcome was counted already',
      [aDevice('a', old), [seen(run, { kind: 'failed', problem: 'x' })]],
      old,
    ],
    [
      'the last outcome is too old',
      [aDevice('a', { at: now - 2 * every - 150_001 })],
      undefined,
    ],
    [
      'the cluster did not answer',
      [aDevice('a', old), [], new Map([[cluster, undefined]])],
      old,
    ],
    [
      'the portal may not look',
      [aDevice('a', old), [], new Map([[cluster, 'no']])],
      { at: now, obstacle: 'its probe belt-moves could not be run: no' },
    ],
    [
      'the cluster refused the next',
      [aDevice('a', old), [], new Map(), { at: now - 1, obstacle: 'x' }],
      { at: now - 1, obstacle: 'x' },
    ],
    [
      'the cluster refused one before',
      [aDevice('a', old), [], new Map(), { at: old.at, obstacle: 'x' }],
      old,
    ],
    [
      'nobody has defined it',
      [{ ...aDevice('a'), checks: { job: { probe: 'none', every } } }],
      {
        at: now,
        obstacle: 'the configuration of the portal has no probe none',
      },
    ],
    ['none is due', [{ ...aDevice('a', old), due: ['http'] }], undefined],
  ])('when %s', (_, asked, expected) => {
    expect(answer(...asked)).toEqual(expected);
  });
});

describe('what is to be done for probes', () => {
  /** Devices with an answer some time ago or none, a Job of this attempt, of another or none, as it is. */
  const stages = fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 200 }).map(String),
      ago: fc.option(fc.integer({ min: 0, max: 2 * every })),
      job: fc.constantFrom('none', 'own', 'other', 'leaving'),
      isDue: fc.boolean(),
    }),
    { selector: ({ id }) => id, maxLength: 120 },
  );
  type Stages = typeof stages extends fc.Arbitrary<infer T> ? T : never;

  const build = (all: Stages) => {
    const devices = all.map(({ id, ago, isDue }) => ({
      ...aDevice(id, ago === null ? {} : { at: now - ago }),
      due: isDue ? (['job'] as const) : [],
    }));
    const nameOf = (device: DeviceToCheck) =>
      settle([{ ...device, due: ['job'] }]).make[0] ??
      // What was answered a moment ago has a name as well, and begins no sooner.
      probesToSettle(
        'p',
        [{ ...device, due: ['job'] }],
        configured,
        { probes: [], silent: new Map() },
        now + 2 * every,
      ).make[0];
    const probes = devices.flatMap((device, index) => {
      const run = nameOf(device);
      const { job } = all[index];
      if (job === 'none') return [];
      const name = job === 'own' ? run.name : `${run.name}-of-before`;
      return [seen({ ...run, name }, { kind: 'running' }, job === 'leaving')];
    });
    return { devices, probes };
  };

  it('never has two for one device, nor too many at once, and takes away what nobody waits for', () => {
    fc.assert(
      fc.property(stages, all => {
        const { devices, probes } = build(all);
        const { make, remove } = settle(devices, probes);
        const there = new Set(probes.map(({ device }) => device));
        expect(make.filter(({ device }) => there.has(device))).toEqual([]);
        expect(new Set(make.map(({ device }) => device)).size).toBe(
          make.length,
        );
        const staying = all.filter(({ job, isDue }) => job === 'own' && isDue);
        expect(make.length + staying.length).toBeLessThanOrEqual(
          Math.max(probesAtOnce, staying.length),
        );
        expect(remove.map(({ device }) => device)).toEqual(
          all
            .filter(
              ({ job, isDue }) => job === 'other' || (job === 'own' && !isDue),
            )
            .map(({ id }) => id),
        );
        const wait = (id: string) => all.find(each => each.id === id)?.ago;
        for (const { device } of make) {
          const ago = wait(device) ?? Infinity;
          expect(ago).toBeGreaterThanOrEqual(every);
        }
        const isFull = make.length + staying.length >= probesAtOnce;
        const left = all.filter(
          ({ id, ago, job, isDue }) =>
            isDue &&
            job === 'none' &&
            (ago ?? Infinity) >= every &&
            !make.some(({ device }) => device === id),
        );
        expect(isFull || left.length === 0).toBe(true);
      }),
    );
  });

  it('has nothing more to do once that is done', () => {
    fc.assert(
      fc.property(stages, all => {
        const { devices, probes } = build(all);
        const { make, remove } = settle(devices, probes);
        const after = [
          ...probes.filter(each => !remove.includes(each)),
          ...make.map(each => seen(each)),
        ];
        const again = settle(devices, after);
        expect(again.remove).toEqual([]);
        const freed = new Set(remove.map(({ device }) => device));
        expect(again.make.filter(({ device }) => !freed.has(device))).toEqual(
          [],
        );
      }),
    );
  });

  it('begins with those that waited longest, and nothing where the cluster tells nothing', () => {
    const devices = [
      aDevice('recent', { at: now - every }),
      aDevice('new'),
      aDevice('long', { at: now - 2 * every }),
    ];
    expect(settle(devices).make.map(({ device }) => device)).toEqual([
      'new',
      'long',
      'recent',
    ]);
    expect(settle(devices, [], new Map([[cluster, undefined]])).make).toEqual(
      [],
    );
  });
});
