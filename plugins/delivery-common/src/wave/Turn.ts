// SPDX-License-Identifier: Apache-2.0
import type { WaveDecision } from './decision';
import type { DeviceInWave, Moment } from './device';
import type { Finding } from './judgeDevice';
import type { WaveState } from './state';

/**
 * One decision being made: what changes is changed in a copy, the state it began with stays as it is.
 * Nobody keeps a turn; its `result` is all that remains.
 */
export class Turn {
  readonly devices: DeviceInWave[];
  readonly decisions: WaveDecision[] = [];
  #wave: WaveState;

  constructor(wave: WaveState, readonly now: Moment) {
    this.devices = wave.devices.slice();
    this.#wave = { ...wave, devices: this.devices };
  }

  get wave(): WaveState {
    return this.#wave;
  }

  /** Changes the wave, not its devices. */
  set(change: Omit<Partial<WaveState>, 'devices'>): void {
    this.#wave = { ...this.#wave, ...change };
  }

  apply(index: number, finding: Finding): void {
    this.devices[index] = { ...this.devices[index], ...finding.change };
    if (finding.decision) this.decisions.push(finding.decision);
  }

  say(decision: WaveDecision): void {
    this.decisions.push(decision);
  }

  /** Asks a person, once. */
  ask(question: string, sentence: string): void {
    if (this.#wave.questions[question]) return;
    this.set({
      questions: {
        ...this.#wave.questions,
        [question]: { askedAt: this.now, sentence },
      },
    });
    this.say({ kind: 'askPerson', question, because: sentence });
  }
}
