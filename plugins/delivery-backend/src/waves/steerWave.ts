// SPDX-License-Identifier: Apache-2.0
import {
  decideWave,
  refused,
  type Refused,
  type WaveAction,
  type WaveCommand,
  type WaveSteering,
  type WaveView,
} from '@causeway/plugin-delivery-common';
import type { StoredWave } from './WaveStore';

/** What needs a reason, because it ends what was agreed to. */
const reasoned: readonly WaveAction[] = ['stop', 'takeBack'];

/** What a person tells a wave, or why that is not taken. */
export function steerWave(
  wave: StoredWave,
  { action, reason, question, answer }: WaveSteering,
): WaveCommand | Refused {
  const no = whyNot(wave, action);
  if (no) return no;
  const why = reason?.trim() ?? '';
  if (!why && reasoned.includes(action)) {
    return refused('reasonNeeded', 'This needs a reason.', {
      hint: 'Say why the wave should end.',
    });
  }
  switch (action) {
    case 'pause':
      return {
        kind: 'pause',
        by: 'person',
        reason: why || 'A person paused it.',
      };
    case 'resume':
      return { kind: 'resume', by: 'person' };
    case 'stop':
    case 'takeBack':
      return { kind: 'stop', reason: why, takeBack: action === 'takeBack' };
    default: {
      const asked = heeded(wave)?.questions ?? {};
      if (!question || !Object.hasOwn(asked, question) || !answer) {
        return refused('unknownQuestion', 'The wave asks no such question.', {
          hint: 'Answer yes or no to one of its questions.',
        });
      }
      return { kind: 'answer', question, answer };
    }
  }
}

/** What somebody lacks the right for, and why. */
export type WithheldFromReader = Readonly<
  Partial<Record<WaveAction, { readonly code: string; readonly text: string }>>
>;

/** What may be said to a wave now, and what may not and why. */
export function actionsFor(
  wave: StoredWave,
  withheld: WithheldFromReader,
): WaveView['actions'] {
  const all: readonly WaveAction[] = [
    'pause',
    'resume',
    'stop',
    'takeBack',
    'answer',
  ];
  return all.map(action => {
    const no = whyNot(wave, action);
    const right = withheld[action];
    if (no) return { action, allowed: false, code: no.code, whyNot: no.reason };
    return right
      ? { action, allowed: false, code: right.code, whyNot: right.text }
      : { action, allowed: true };
  });
}

/** The wave as it will be once it has obeyed what was said to it, which takes until its next look. */
function heeded({
  state,
  said,
  lookedAt,
  startedAt,
}: StoredWave): StoredWave['state'] {
  if (!state || said.length === 0) return state;
  const commands = said.map(({ command }) => command);
  const lastLook = Date.parse(lookedAt ?? startedAt);
  return decideWave(state, { commands }, lastLook).state;
}

function whyNot(wave: StoredWave, action: WaveAction): Refused | undefined {
  const { active } = wave;
  const state = heeded(wave);
  const stop = state?.stop;
  if (!active || stop?.kind === 'superseded' || (stop && stop.takeBack)) {
    return refused('waveOver', 'The wave is over.', {
      hint: 'Roll the stage back, or promote another release.',
    });
  }
  if (!state) {
    return refused('waveNotBegun', 'The wave has not begun yet.', {
      hint: 'Wait until its devices were seen.',
    });
  }
  if (stop && action !== 'takeBack') {
    return refused('waveStopped', 'The wave was stopped already.', {
      hint: 'Take it back, or promote another release.',
    });
  }
  const isPaused = state.pauses.some(({ kind }) => kind === 'person');
  if (action === 'pause' && isPaused) {
    return refused('alreadyPaused', 'The wave is paused already.', {
      hint: 'Let it go on, or stop it.',
    });
  }
  if (action === 'resume' && !isPaused) {
    return refused('notPaused', 'The wave is not paused by a person.', {
      hint: 'It goes on by itself.',
    });
  }
  const asks = Object.values(state.questions).some(({ answer }) => !answer);
  return action === 'answer' && !asks
    ? refused('nothingAsked', 'The wave asks nothing.', {
        hint: 'It goes on by itself.',
      })
    : undefined;
}
