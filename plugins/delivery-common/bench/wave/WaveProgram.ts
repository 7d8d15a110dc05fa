// SPDX-License-Identifier: Apache-2.0
import { decideWave } from '../../src/wave/decideWave';
import type { WaveInput } from '../../src/wave/decision';
import { explainWave } from '../../src/wave/explain';
import {
  wavePolicyFor,
  wavePolicyProblems,
  type WavePolicy,
} from '../../src/wave/policy';
import { previewWave } from '../../src/wave/preview';
import { startWave, type WaveState } from '../../src/wave/state';

interface Line extends WaveInput {
  readonly do: 'preview' | 'start' | 'decide' | 'explain';
  readonly now: number;
  readonly id: string;
  readonly target: WaveState['target'];
  readonly devices: Parameters<typeof previewWave>[1];
  readonly policy?: Partial<WavePolicy>;
  readonly state: WaveState;
  readonly withState: boolean;
}

function waveOf({ id, target, devices, policy: change }: Line) {
  // JSON cannot say undefined: null takes a default away.
  const said = Object.entries(change ?? {}).map(([key, value]) => [
    key,
    value ?? undefined,
  ]);
  const policy: WavePolicy = {
    ...wavePolicyFor(devices),
    ...Object.fromEntries(said),
  };
  const problems = wavePolicyProblems(policy);
  if (problems.length > 0) throw new Error(problems.join(' '));
  return { id, target, policy };
}

/**
 * Waves as a program: a line of JSON in, a line of JSON out, in order; the clock is `now`, in milliseconds.
 *
 *   preview:  { "do": "preview", "id": string, "target": digest, "devices": WaveDevice[], "policy"?: Partial<WavePolicy> }
 *             → { "rings", "excluded" }
 *   start:    the same with "do": "start" and "now" → { "state" }
 *   decide:   { "do": "decide", "now": number, "devices"?: WaveDevice[], "removed"?: string[],
 *               "commands"?: WaveCommand[], "state"?: WaveState, "withState"?: boolean }
 *             → { "decisions", "finished", "state"? }
 *   explain:  { "do": "explain", "now": number, "state"?: WaveState } → { "devices" }
 *
 * Without `state`, the wave that this process started or decided last is meant; with `withState`, the next
 * state is in the answer, so that any other process can go on. Errors are { "error": string }.
 */
export class WaveProgram {
  #last: WaveState | undefined;

  #known(state: WaveState | undefined): WaveState {
    const wave = state ?? this.#last;
    if (!wave) throw new Error('No wave was started; give its state.');
    return wave;
  }

  /** Answers one line. */
  answer(text: string): object {
    try {
      const line: Line = JSON.parse(text);
      if (line.do !== 'preview' && !Number.isFinite(line.now))
        throw new Error('now must be the time in milliseconds.');
      switch (line.do) {
        case 'preview':
          return previewWave(waveOf(line), line.devices);
        case 'start':
          this.#last = startWave(waveOf(line), line.devices, line.now);
          return { state: this.#last };
        case 'decide': {
          const { state, decisions } = decideWave(
            this.#known(line.state),
            line,
            line.now,
          );
          this.#last = state;
          return {
            decisions,
            finished: state.finishedAt !== undefined,
            ...(line.withState ? { state } : {}),
          };
        }
        case 'explain':
          return { devices: explainWave(this.#known(line.state), line.now) };
        default:
          throw new Error('"do" must be preview, start, decide or explain.');
      }
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }
}
