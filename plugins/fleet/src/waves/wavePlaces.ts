// SPDX-License-Identifier: Apache-2.0
import type {
  WaveDeviceView,
  WaveSummary,
} from '@causeway/plugin-delivery-common';
import type { MarkKey } from '@causeway/plugin-delivery-react';

/** Where a device is in a wave. */
export type WavePlace = WaveDeviceView['place'];

/** The places in the order in which people read them, each with its mark. */
export const placeMarks = {
  proven: 'ok',
  soaking: 'run',
  inFlight: 'wait',
  failed: 'back',
  planned: 'todo',
  held: 'hold',
  away: 'away',
  blocked: 'warn',
  leftOut: 'skip',
} as const satisfies Record<WavePlace, MarkKey>;

export const places = Object.keys(placeMarks) as readonly WavePlace[];

/** Devices that stand beside the plan: nothing waits for them. */
export const besidePlaces: readonly WavePlace[] = [
  'failed',
  'away',
  'held',
  'blocked',
  'leftOut',
];

/** The mark of a wave as a whole. */
export const stateMarks = {
  preparing: 'wait',
  rolling: 'run',
  waiting: 'hold',
  arrived: 'ok',
  stopping: 'back',
  stopped: 'bad',
} as const satisfies Record<WaveSummary['state'], MarkKey>;

/** What a line of the log may be about, of all that is decided and said. */
const logged = [
  'order',
  'withdraw',
  'takeBack',
  'soaking',
  'proven',
  'failed',
  'takenBack',
  'notProven',
  'excluded',
  'openRing',
  'pause',
  'resume',
  'stop',
  'supersede',
  'askPerson',
  'answer',
  'answered',
  'template',
  'finish',
] as const;

/** Whether there is a word for it. */
export function isLogged(kind: string): kind is (typeof logged)[number] {
  return logged.some(each => each === kind);
}
