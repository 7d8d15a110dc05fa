// SPDX-License-Identifier: Apache-2.0
import {
  defaultWavePolicy,
  isRefused,
  startWave,
  type WaveCommand,
  type WaveDevice,
  type WaveState,
} from '@causeway/plugin-delivery-common';
import type { StageDevice } from './observeDevices';
import { podsToReplace } from './replacePods';
import { actionsFor, steerWave } from './steerWave';
import type { SeenTemplate } from './templateSeen';
import type { StoredWave } from './WaveStore';

const target: StageDevice['target'] = {
  cluster: 'edge',
  path: 'overlay',
  kustomization: { namespace: 'flux-system', name: 'belt' },
  workload: { kind: 'DaemonSet', namespace: 'sorting', name: 'belt' },
};

function aDevice(change: Partial<WaveDevice> = {}): WaveDevice {
  return {
    id: 'edge/pi',
    site: 'oslo',
    hardware: 'pi',
    connected: true,
    running: 'old',
    health: 'ok',
    image: 'present',
    ...change,
  };
}

function seen(device: WaveDevice): ReadonlyMap<string, StageDevice> {
  const pod = {
    namespace: 'sorting',
    name: 'belt-x2x4z',
    deleting: false,
    node: 'pi',
    workload: { kind: 'DaemonSet', name: 'belt' },
    images: ['belt:1'],
    state: 'running' as const,
    restarts: 0,
    ofSystem: false,
  };
  return new Map([
    [
      device.id,
      { device, target, node: 'pi', pod, pullsBy: 'Pod', readings: {} },
    ],
  ]);
}

type Phase = WaveState['devices'][number]['progress'];

function waveIn(progress: Phase): WaveState {
  const wave = startWave(
    { id: 'wave', target: 'new', policy: defaultWavePolicy },
    [aDevice()],
    0,
  );
  return { ...wave, devices: [{ ...wave.devices[0], progress }] };
}

const inFlight: Phase = { phase: 'inFlight', at: 0, soak: 0, counts: true };
const takingBack: Phase = { phase: 'takingBack', at: 0, reason: 'It crashed.' };
const waiting: Phase = { phase: 'waiting' };

const cases: readonly [
  string,
  Phase,
  Partial<WaveDevice>,
  SeenTemplate,
  string | undefined,
][] = [
  ['was ordered', inFlight, {}, 'release', 'evict'],
  [
    'was ordered, but would get what ran before',
    inFlight,
    {},
    'before',
    undefined,
  ],
  [
    'was ordered where nobody knows what it would get',
    inFlight,
    {},
    'unknown',
    undefined,
  ],
  [
    'has the release already',
    inFlight,
    { running: 'new' },
    'release',
    undefined,
  ],
  ['went away', inFlight, { connected: false }, 'release', undefined],
  ['is held', inFlight, { hold: 'operator' }, 'release', undefined],
  ['waits', waiting, {}, 'release', undefined],
  ['goes back', takingBack, { running: 'new' }, 'before', 'delete'],
  [
    'would get the release again',
    takingBack,
    { running: 'new' },
    'release',
    undefined,
  ],
  ['is back', takingBack, { running: 'old' }, 'before', undefined],
];

it.each(cases)(
  'replaces the pod of a device only when that brings what it should have: %s',
  (_, progress, change, template, how) => {
    const found = podsToReplace(
      waveIn(progress),
      seen(aDevice(change)),
      () => template,
    );
    expect(found.map(pod => pod.how)).toEqual(how === undefined ? [] : [how]);
  },
);

describe('a word to a wave', () => {
  const aWave = (change: Partial<WaveState> = {}): StoredWave => ({
    promotion: 'promotion-1',
    service: 'component:default/belt',
    stage: 'edge',
    active: true,
    startedAt: '2026-11-21T12:00:00.000Z',
    version: 1,
    events: 1,
    state: { ...waveIn(waiting), ...change },
    template: { wants: 'release', step: 0 },
    said: [],
    dueAt: '2026-11-21T12:00:00.000Z',
  });
  const paused = {
    pauses: [{ kind: 'person' as const, since: 0, reason: 'Lunch' }],
  };
  const over = {
    stop: { kind: 'evidence' as const, at: 0, reason: 'Bad', takeBack: true },
  };
  const asked = { questions: { canaries: { askedAt: 0, sentence: 'On?' } } };
  const heard = (command: WaveCommand, change?: Partial<WaveState>) => ({
    ...aWave(change),
    said: [{ command, actor: 'user:default/ines', at: '' }],
  });
  const pause = { kind: 'pause', by: 'person', reason: 'Lunch' } as const;
  const stop = { kind: 'stop', reason: 'Enough', takeBack: true } as const;

  it.each([
    ['pause', aWave(), {}, 'pause'],
    ['pause', aWave(paused), {}, 'alreadyPaused'],
    ['resume', aWave(), {}, 'notPaused'],
    ['resume', aWave(paused), {}, 'resume'],
    ['stop', aWave(), {}, 'reasonNeeded'],
    ['stop', aWave(), { reason: 'Enough' }, 'stop'],
    ['takeBack', aWave(over), { reason: 'Enough' }, 'waveOver'],
    [
      'answer',
      aWave(),
      { question: 'canaries', answer: 'yes' },
      'nothingAsked',
    ],
    [
      'answer',
      aWave(asked),
      { question: 'other', answer: 'yes' },
      'unknownQuestion',
    ],
    // What was said counts before it is obeyed.
    ['pause', heard(pause), {}, 'alreadyPaused'],
    ['resume', heard(pause), {}, 'resume'],
    [
      'resume',
      heard({ kind: 'resume', by: 'person' }, paused),
      {},
      'notPaused',
    ],
    ['pause', heard(stop), {}, 'waveOver'],
    // What every object has is no question.
    [
      'answer',
      aWave(asked),
      { question: 'constructor', answer: 'yes' },
      'unknownQuestion',
    ],
    ['answer', aWave(asked), { question: 'canaries', answer: 'yes' }, 'answer'],
  ] as const)('%s', (action, wave, rest, expected) => {
    const outcome = steerWave(wave, { action, ...rest });
    expect(isRefused(outcome) ? outcome.code : outcome.kind).toBe(expected);
  });

  it('is offered to those who have the right, and refused with the reason to others', () => {
    const text = 'You may not promote to Edge.';
    const right = { code: 'notPermitted', text };
    const verdicts = (wave: StoredWave, withheld = {}) =>
      Object.fromEntries(
        actionsFor(wave, withheld).map(({ action, code }) => [action, code]),
      );
    expect(verdicts(aWave())).toEqual({
      pause: undefined,
      resume: 'notPaused',
      stop: undefined,
      takeBack: undefined,
      answer: 'nothingAsked',
    });
    expect(verdicts(aWave(), { pause: right, resume: right })).toMatchObject({
      pause: 'notPermitted',
      // What makes no sense now is not a question of rights.
      resume: 'notPaused',
      stop: undefined,
    });
    expect(actionsFor(aWave(), { pause: right })).toContainEqual({
      action: 'pause',
      allowed: false,
      code: 'notPermitted',
      whyNot: text,
    });
  });
});
