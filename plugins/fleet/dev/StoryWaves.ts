// SPDX-License-Identifier: Apache-2.0
import type {
  WaveDeviceView,
  WaveSteering,
  WaveView,
} from '@causeway/plugin-delivery-common';
import type { WaveClient } from '../src/waves/waveApi';

/** The wave of the sample story: 1,204 devices are done, one failed, one is away, one is next. */
export class StoryWaves implements WaveClient {
  view: WaveView;
  /** What people said to the wave. */
  readonly said: WaveSteering[] = [];

  /** `now` is the moment the story is told at, in milliseconds. */
  constructor(now: number) {
    this.view = storyWave(new Date(now).toISOString());
  }

  async getWave() {
    return { status: 'changed' as const, view: this.view };
  }

  async getWaves() {
    return [this.view.summary];
  }

  async steerWave(_promotion: string, wish: WaveSteering) {
    this.said.push(wish);
    return this.view;
  }
}

function storyWave(at: string): WaveView {
  return {
    summary: {
      promotion: 'promotion-1',
      service: 'component:default/belt-control',
      stage: 'edge-production',
      stageTitle: 'Edge production',
      version: '5.6.0',
      replaces: '5.5.8',
      state: 'rolling',
      sentence: '1204 of 1207 devices run the release; 1 failed.',
      counts: {
        proven: 1_204,
        soaking: 0,
        inFlight: 0,
        failed: 1,
        planned: 1,
        held: 0,
        away: 1,
        blocked: 0,
        leftOut: 0,
      },
      startedAt: at,
      startedBy: 'user:default/ines',
    },
    readAt: at,
    policy: ['One device after the other.'],
    rings: [{ name: 'All devices', state: 'now', batches: 2 }],
    devices: [
      aDevice('oslo-pi-01', 1, 'proven', 'It is proven.'),
      aDevice('milan-jetson-01', 1, 'failed', 'It was taken back: too hot.'),
      aDevice('gdansk-pi-01', 2, 'away', 'It has been away for 5 min.'),
      aDevice('oslo-jetson-01', 2, 'planned', 'It is next.'),
    ],
    questions: [],
    pauses: [],
    template: { wants: 'release', step: 0 },
    log: [
      {
        at,
        actor: 'user:default/ines',
        kind: 'pause',
        sentence: 'A parcel jam',
      },
      {
        at,
        actor: 'plugin:delivery',
        kind: 'takenBack',
        device: 'edge-production/milan-jetson-01',
        sentence: 'It no longer runs the release.',
      },
      {
        at,
        actor: 'plugin:delivery',
        kind: 'somethingNew',
        sentence: 'Of a newer backend.',
      },
    ],
    actions: [
      { action: 'pause', allowed: true },
      {
        action: 'resume',
        allowed: false,
        code: 'notPaused',
        whyNot: 'The wave is not paused by a person.',
      },
      { action: 'stop', allowed: true },
      { action: 'takeBack', allowed: true },
      {
        action: 'answer',
        allowed: false,
        code: 'nothingAsked',
        whyNot: 'The wave asks nothing.',
      },
    ],
  };
}

function aDevice(
  name: string,
  batch: number,
  place: WaveDeviceView['place'],
  sentence: string,
): WaveDeviceView {
  const [site] = name.split('-');
  return {
    id: `edge-production/${name}`,
    cluster: 'edge-production',
    name,
    site,
    hardware: name.includes('jetson') ? 'jetson-orin-nx' : 'raspberry-pi-5',
    ring: 0,
    batch,
    place,
    sentence,
  };
}
