// SPDX-License-Identifier: Apache-2.0
import type { WaveDecision, WaveInput } from './decision';
import type { Moment } from './device';
import { evidenceAgainst, losesDevices } from './evidence';
import { finish } from './finish';
import { judgeDevice } from './judgeDevice';
import { obey, stop } from './obey';
import { questions } from './obstacle';
import { openRings } from './openRings';
import { noticeIncident, see } from './see';
import { startDevices, startPulls } from './start';
import type { WaveState } from './state';
import { settleStop, takeBack } from './takeBack';
import { tallyWave, type Tallies } from './tally';
import { Turn } from './Turn';

/**
 * The next state of a wave and what to do now. Pure: the same state, input and time give the same answer,
 * so whoever stores the state together with its decisions may be stopped at any point. Call it when
 * something changed, and every half minute besides, for soaks and deadlines to end.
 */
export function decideWave(
  state: WaveState,
  input: WaveInput,
  now: Moment,
): { readonly state: WaveState; readonly decisions: readonly WaveDecision[] } {
  if (state.finishedAt !== undefined) return { state, decisions: [] };
  const turn = new Turn(state, now);
  obey(turn, input.commands ?? []);
  see(turn, input.devices ?? [], input.removed ?? []);
  noticeIncident(turn);
  judgeDevices(turn);
  judgeRelease(turn, tallyWave(turn.wave, now));
  settleStop(turn);
  const tallies = tallyWave(turn.wave, now);
  takeBack(turn, tallies);
  openRings(turn, tallies);
  askPerson(turn, tallies);
  startPulls(turn, tallies);
  startDevices(turn, tallies);
  finish(turn, tallies);
  return { state: turn.wave, decisions: turn.decisions };
}

function judgeDevices(turn: Turn): void {
  turn.devices.forEach((entry, index) => {
    const finding = judgeDevice(entry, turn.wave, turn.now);
    if (finding) turn.apply(index, finding);
  });
}

function judgeRelease(turn: Turn, tallies: Tallies): void {
  const reason = evidenceAgainst(tallies, turn.wave.policy);
  if (reason) stop(turn, 'evidence', reason, true);
}

function askPerson(turn: Turn, tallies: Tallies): void {
  const { policy, stop: ended } = turn.wave;
  if (ended) return;
  for (const [hardware, mine] of tallies.classes) {
    if (mine.failures > 0 && mine.total < 2)
      turn.ask(
        questions.cannotConfirm(hardware),
        `The only device of ${hardware} failed, and no other can confirm it. Shall the wave go on with ${hardware}?`,
      );
    if (losesDevices(mine, policy))
      turn.ask(
        questions.vanishing(hardware),
        `${mine.vanished} of ${mine.ordered} devices of ${hardware} went away after their order and are not back. Shall the wave go on with ${hardware}?`,
      );
    if (policy.approveAfterCanaries && mine.proven >= policy.canaries)
      turn.ask(
        questions.canaries,
        'The canaries are proven. Shall the wave go on?',
      );
  }
}
