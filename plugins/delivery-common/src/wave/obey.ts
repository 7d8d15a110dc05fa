// SPDX-License-Identifier: Apache-2.0
import type { WaveCommand } from './decision';
import { ringOf } from './planOrder';
import { wavePolicyProblems, type WavePolicy } from './policy';
import { stopped } from './judgeDevice';
import type { WavePause } from './state';
import type { Turn } from './Turn';

/** Does what people and other parts of the portal said, in order. */
export function obey(turn: Turn, commands: readonly WaveCommand[]): void {
  for (const command of commands) {
    switch (command.kind) {
      case 'pause':
        pause(turn, command.by, command.reason);
        break;
      case 'resume':
        resume(turn, command.by);
        break;
      case 'stop':
        stop(turn, 'person', command.reason, command.takeBack);
        break;
      case 'supersede':
        stop(turn, 'superseded', command.reason, false);
        break;
      case 'answer':
        answer(turn, command.question, command.answer);
        break;
      case 'exclude':
        exclude(turn, command.device, command.reason);
        break;
      default:
        changePolicy(turn, command.policy);
    }
  }
}

/** Orders nothing more for a while; one pause of each kind. */
export function pause(
  turn: Turn,
  kind: WavePause['kind'],
  reason: string,
): void {
  const { pauses } = turn.wave;
  if (pauses.some(each => each.kind === kind)) return;
  turn.set({ pauses: [...pauses, { kind, since: turn.now, reason }] });
  turn.say({ kind: 'pause', because: reason });
}

/** Takes a pause away. */
export function resume(turn: Turn, kind: WavePause['kind']): void {
  const { pauses } = turn.wave;
  const left = pauses.filter(each => each.kind !== kind);
  if (left.length === pauses.length) return;
  turn.set({ pauses: left });
  turn.say({ kind: 'resume', because: 'The reason to wait is gone.' });
}

/** Ends the orders of the wave. A later stop may only add that devices are taken back. */
export function stop(
  turn: Turn,
  kind: 'evidence' | 'person' | 'superseded',
  reason: string,
  takeBack: boolean,
): void {
  const before = turn.wave.stop;
  if (before && (before.takeBack || !takeBack || before.kind === 'superseded'))
    return;
  turn.set({ stop: { kind, at: turn.now, reason, takeBack } });
  turn.say({ kind: 'stop', because: reason });
}

function answer(turn: Turn, question: string, said: 'yes' | 'no'): void {
  const { questions } = turn.wave;
  if (!Object.hasOwn(questions, question)) return;
  const asked = { ...questions[question], answer: said };
  turn.set({ questions: { ...questions, [question]: asked } });
  turn.say({ kind: 'answered', question, because: `The answer is ${said}.` });
}

/** What it has shown of the release before stays evidence. */
function exclude(turn: Turn, device: string, reason: string): void {
  const index = turn.devices.findIndex(each => each.device.id === device);
  const entry = turn.devices[index];
  if (!entry || entry.progress.phase === 'excluded') return;
  turn.apply(index, {
    change: {
      ...(entry.run && { run: stopped(entry.run, turn.now) }),
      progress: { phase: 'excluded', at: turn.now, reason },
    },
    decision: { kind: 'excluded', device, because: reason },
  });
}

/** Holds for what starts from now on; soaks that began keep their length. */
function changePolicy(turn: Turn, policy: WavePolicy): void {
  const [problem] = wavePolicyProblems(policy);
  if (problem) {
    turn.say({ kind: 'policy', because: `The policy stays: ${problem}` });
    return;
  }
  turn.set({ policy, openRing: 0 });
  turn.devices.forEach((entry, index) => {
    const ring = ringOf(policy, entry.device, entry.rank);
    turn.devices[index] = { ...entry, ring };
  });
  turn.say({ kind: 'policy', because: 'The policy was changed.' });
}
