// SPDX-License-Identifier: Apache-2.0
import {
  declarationOf,
  defaultWavePolicy,
  startWave,
  type WaveState,
} from '@causeway/plugin-delivery-common';
import fc from 'fast-check';
import { aPipeline, aRelease } from '../promotions/__fixtures__/parcelVision';
import type { DeclaredImage } from '../gitops/FleetRepositories';
import {
  canGoBack,
  compareOverlays,
  contentsOf,
  exclusionsOf,
  isWritten,
  nextStep,
  saidOfRelease,
  settle,
  stillWanted,
  type WaveOverlays,
} from './overlaySteps';

const name = 'registry.norden.example/belt';
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const old = [{ name, tag: '1', digest: digest('a') }];
const release = [{ name, tag: '2', digest: digest('b') }];
const theirs = [{ name, tag: '3', digest: digest('c') }];
const device = 'edge/pi';

type Progress = WaveState['devices'][number]['progress'];

const phases: Readonly<Record<Progress['phase'], Progress>> = {
  waiting: { phase: 'waiting' },
  inFlight: { phase: 'inFlight', at: 0, soak: 0, counts: true },
  soaking: { phase: 'soaking', at: 0, soak: 0 },
  proven: { phase: 'proven', at: 0, watchUntil: 0 },
  failed: { phase: 'failed', at: 0, reason: '' },
  owed: { phase: 'owed', at: 0, reason: '' },
  takingBack: { phase: 'takingBack', at: 0, reason: '' },
  takenBack: { phase: 'takenBack', at: 0, reason: '' },
  notProven: { phase: 'notProven', at: 0, reason: '' },
  excluded: { phase: 'excluded', at: 0, reason: '' },
};

/** What Git says in the end of a device in these phases; in others what it said. */
const tagIn: Readonly<Partial<Record<Progress['phase'], string>>> = {
  waiting: '1',
  takingBack: '1',
  takenBack: '1',
  inFlight: '2',
  soaking: '2',
  proven: '2',
};

function stateWith(progress: Progress, isConnected = true): WaveState {
  const wave = startWave(
    { id: 'wave', target: 'new', policy: defaultWavePolicy },
    [
      {
        id: device,
        site: 'oslo',
        hardware: 'pi',
        connected: isConnected,
        health: 'ok',
        image: 'present',
      },
    ],
    0,
  );
  return { ...wave, devices: [{ ...wave.devices[0], progress }] };
}

const begun = (says: readonly { name: string; tag?: string }[]) =>
  compareOverlays(
    undefined,
    [device],
    new Map([[device, { images: says }]]),
    release,
  );

const given = (): WaveOverlays =>
  settle(
    nextStep(begun(old), stateWith(phases.inFlight), release),
    'sha',
    new Map([[device, { images: release }]]),
    release,
  );

const wantedBy = (overlays: WaveOverlays, state: WaveState) => {
  const next = nextStep(overlays, state, release);
  return next === overlays ? undefined : next.changes[0].wants;
};

it.each<[Progress['phase'], 'release' | undefined, 'before' | undefined]>([
  ['waiting', undefined, 'before'],
  ['inFlight', 'release', undefined],
  ['soaking', 'release', undefined],
  ['proven', 'release', undefined],
  ['failed', undefined, undefined],
  ['owed', undefined, undefined],
  ['takingBack', undefined, 'before'],
  ['takenBack', undefined, 'before'],
  ['notProven', undefined, undefined],
  ['excluded', undefined, undefined],
])(
  'gives a device that is %s %s where Git says what was before, and %s where it says the release',
  (phase, fromBefore, fromRelease) => {
    const state = stateWith(phases[phase]);
    expect(wantedBy(begun(old), state)).toBe(fromBefore);
    expect(wantedBy(given(), state)).toBe(fromRelease);
  },
);

it('gives an ordered device nothing while it is away, and puts back without it', () => {
  expect(wantedBy(begun(old), stateWith(phases.inFlight, false))).toBe(
    undefined,
  );
  expect(wantedBy(given(), stateWith(phases.waiting, false))).toBe('before');
});

it('begins no step before the one under way is written, and writes of that what is still wanted', () => {
  const first = nextStep(begun(old), stateWith(phases.inFlight), release);
  expect([isWritten(first), first.step]).toEqual([false, 1]);
  const withdrawn = stateWith(phases.waiting);
  expect(nextStep(first, withdrawn, release)).toBe(first);
  expect(stillWanted(first, withdrawn)).toEqual([]);
  expect(stillWanted(first, stateWith(phases.inFlight))).toEqual(first.changes);
});

it('believes the commit about what a step did', () => {
  const first = nextStep(begun(old), stateWith(phases.inFlight), release);
  const undone = settle(
    first,
    'sha',
    new Map([[device, { images: old }]]),
    release,
  );
  expect(undone.devices[device]).toMatchObject({ says: 'before' });
  expect(undone.devices[device].taken).toBe(undefined);
  const taken = settle(
    first,
    'sha',
    new Map([[device, { images: theirs }]]),
    release,
  );
  expect(exclusionsOf(taken)).toHaveLength(1);
});

it.each([
  ['a tag and a digest', old, true],
  ['a tag only', [{ name, tag: '1' }], false],
  ['nothing', [], false],
  ['the release already', release, false],
])('can take back to %s: %s', (_, before, can) => {
  const overlays = begun(before);
  expect(canGoBack(overlays.devices[device], release)).toBe(can);
});

it('changes nothing where the release was there before', () => {
  for (const progress of Object.values(phases))
    expect(wantedBy(begun(release), stateWith(progress))).toBe(undefined);
});

/** What happens between two looks: where the device is, what somebody else writes, whether a step gets written. */
const happening = (writes: fc.Arbitrary<typeof old | undefined>) =>
  fc.record({
    phase: fc.constantFrom(...Object.values(phases)),
    isConnected: fc.boolean(),
    writes,
    isCommitted: fc.boolean(),
  });

const nobody = fc.constant(undefined);
const somebody = fc.option(fc.constantFrom(old, release, theirs), {
  freq: 6,
  nil: undefined,
});

/** Goes through what happens as the runner does; `look` is told of the device after each look. */
function run(
  happenings: readonly {
    readonly phase: Progress;
    readonly isConnected: boolean;
    readonly writes: typeof old | undefined;
    readonly isCommitted: boolean;
  }[],
  look: (seen: {
    readonly overlays: WaveOverlays;
    readonly git: readonly DeclaredImage[];
    readonly state: WaveState;
  }) => void,
): void {
  let git: readonly DeclaredImage[] = old;
  let known = begun(old);
  for (const { phase, isConnected, writes, isCommitted } of happenings) {
    git = writes ?? git;
    const state = stateWith(phase, isConnected);
    const compared = compareOverlays(
      known,
      [device],
      new Map([[device, { images: git }]]),
      release,
    );
    known = nextStep(compared, state, release);
    if (!isWritten(known) && isCommitted) {
      const [{ wants }] = known.changes;
      const { from, to } = contentsOf(known.devices[device], wants, release);
      if (stillWanted(known, state).length > 0 && git[0].tag === from[0].tag)
        git = to;
      known = settle(
        known,
        'sha',
        new Map([[device, { images: git }]]),
        release,
      );
    }
    look({ overlays: known, git, state });
  }
}

it('knows what Git says, and brings it where the device should be, while nobody else writes', () => {
  fc.assert(
    fc.property(
      fc.array(happening(nobody)),
      fc.constantFrom(...Object.values(phases)),
      (happenings, phase) => {
        const last = {
          phase,
          isConnected: true,
          writes: undefined,
          isCommitted: true,
        };
        const gits: (string | undefined)[] = [];
        const known: string[] = [];
        let left = true;
        // One look may end a step that is no longer wanted, and the next one does what is.
        run([...happenings, last, last], ({ overlays, git, state }) => {
          const { says, taken } = overlays.devices[device];
          gits.push(git[0].tag);
          known.push(taken ?? (says === 'release' ? '2' : '1'));
          left = nextStep(overlays, state, release) !== overlays;
        });
        expect(gits).toEqual(known);
        expect(left).toBe(false);
        expect(gits.at(-1)).toBe(tagIn[phase.phase] ?? gits.at(-1));
      },
    ),
  );
});

it('never touches again what somebody else took', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.array(happening(somebody)), happenings => {
      let since: number | undefined;
      const after: (number | undefined)[] = [];
      run(happenings, ({ overlays }) => {
        const isTaken = overlays.devices[device].taken !== undefined;
        if (since !== undefined)
          after.push(isTaken ? overlays.step : undefined);
        else if (isTaken && isWritten(overlays)) since = overlays.step;
      });
      expect(after).toEqual(after.map(() => since));
      if (after.length > 0) taken += 1;
    }),
  );
  expect(taken).toBeGreaterThan(10);
});

it('asks a node group for digests alone, since KubeEdge keeps no tag beside one', () => {
  const [edge] = aPipeline([]).stages.filter(each => each.name === 'edge');
  const targets = edge.targets.map(target => ({
    ...target,
    nodeGroup: 'oslo',
  }));
  const { images } = aRelease(1);
  const said = saidOfRelease({
    release: aRelease(1),
    declaration: declarationOf(aPipeline([]), { ...edge, targets }),
  });
  expect(said).toEqual(
    images.map(each => ({ name: each.name, digest: each.digest })),
  );
  const group = (before: DeclaredImage) =>
    canGoBack({ before: [before], says: 'release' }, said);
  const [{ name: image }] = images;
  expect(group({ name: image, digest: digest('a') })).toBe(true);
  expect(group({ name: image, tag: '2.8.0' })).toBe(false);
  expect(group({ name: image })).toBe(false);
});
