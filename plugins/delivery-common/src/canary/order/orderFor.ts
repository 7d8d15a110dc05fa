// SPDX-License-Identifier: Apache-2.0
import { unknown } from '../../gates/known';
import { PORTAL_ACTOR } from '../../promotion/promotion';
import {
  answerGate,
  type GateAnswer,
  type GateQuestionOfEngine,
} from '../gate/answerGate';
import { canBeTakenBack, isJudged, type CanaryRun } from '../run/canaryRun';
import { type EngineOrder, type GivenOrder } from './engineOrder';

/** Everything that an order rests on. The promotion is the one whose commit runs there. */
export interface OrderSituation
  extends Omit<GateQuestionOfEngine, 'hook' | 'checksum' | 'rollback' | 'run'> {
  readonly run: CanaryRun;
  readonly given: GivenOrder | undefined;
}

/** An order with whose word it is. */
export interface WantedOrder {
  readonly order: EngineOrder;
  /** Entity ref of a person, or the portal. */
  readonly actor: string;
  /** Why, in one sentence. */
  readonly sentence: string;
}

/**
 * What an engine that does not ask is to be told now, if anything.
 *
 * The portal puts the questions to itself that another engine would ask, so that both are treated
 * alike: what is not known, not approved or not judged to its end gets no order to go on. Without a
 * strategy in the pipeline only people's words count, because others may be used to letting it go on.
 */
export function orderFor(situation: OrderSituation): WantedOrder | undefined {
  const { run, given, approved } = situation;
  if (!run.takesOrders || !run.revision || run.behind) return undefined;
  const { revision } = run;
  const steering =
    approved && 'steering' in approved ? approved.steering : undefined;
  const back = ask(situation, 'rollback');
  if (back.open) {
    const actor = steering?.abort?.by ?? PORTAL_ACTOR;
    const isLate = !canBeTakenBack(run) && run.phase !== 'waiting';
    return isLate
      ? undefined
      : wanted({ kind: 'abort', revision }, actor, back);
  }
  if (run.phase === 'failed') return tryAgain(situation, revision);
  // Until the version is known that it took up, another one could not be told from it.
  if (situation.progress?.checksum === undefined) return undefined;
  if (!isOnItsWay(run)) return undefined;
  if (steering?.paused) {
    const { by } = steering.paused;
    const why = { sentence: 'It is paused.' };
    return run.suspended
      ? undefined
      : wanted({ kind: 'pause', revision }, by, why);
  }
  if (run.suspended) {
    const isOurs = given?.order.kind === 'pause';
    const why = { sentence: 'It is let go on.' };
    return isOurs
      ? wanted({ kind: 'resume', revision }, PORTAL_ACTOR, why)
      : undefined;
  }
  return hurry(situation, revision) ?? goOn(situation, revision);
}

/** What the portal would answer now if the engine asked whether it may leave its pause. */
export function answerAtPause(situation: OrderSituation): GateAnswer {
  const isLast = situation.run.waitingFor === 'promotion';
  const answer = ask(
    situation,
    isLast ? 'confirm-promotion' : 'confirm-traffic-increase',
  );
  if (!answer.open || answer.code === 'hurried') return answer;
  if (!situation.approved?.declaration.strategy) {
    return {
      open: false,
      code: 'waitsForPerson',
      sentence:
        'The pipeline gives this stage no strategy, so a person must let it go on.',
    };
  }
  const open = situation.run.measures?.find(
    ({ state }) => state === 'inconclusive',
  );
  return open
    ? {
        open: false,
        code: 'waitsForPerson',
        sentence: `${open.name} could not be decided, so a person must let it go on.`,
      }
    : answer;
}

function ask(
  situation: OrderSituation,
  hook: GateQuestionOfEngine['hook'],
): GateAnswer {
  const { approved, run, now } = situation;
  const isJudgedHere = approved && isJudged(run, approved.declaration);
  return answerGate({
    ...situation,
    ...(!isJudgedHere && { verdict: unknown(now, 'Nobody judges it here.') }),
    hook,
    checksum: situation.run.revision ?? '',
    // Going back in Git is understood by such an engine without giving the run up first.
    rollback: undefined,
  });
}

/** Not yet the stable version, and not given up. */
function isOnItsWay({ phase }: CanaryRun): boolean {
  return (
    phase === 'waiting' ||
    phase === 'progressing' ||
    phase === 'waitingPromotion'
  );
}

/** The version was given up before this promotion, which wants it again; once. */
function tryAgain(
  situation: OrderSituation,
  revision: string,
): WantedOrder | undefined {
  const { progress, given } = situation;
  const wasTold = given !== undefined && given.outcome !== 'overtaken';
  if (wasTold || (progress && progress.moves.length > 0)) return undefined;
  const answer = ask(situation, 'confirm-rollout');
  return answer.open
    ? wanted({ kind: 'retry', revision }, PORTAL_ACTOR, answer)
    : undefined;
}

function hurry(
  situation: OrderSituation,
  revision: string,
): WantedOrder | undefined {
  const { run, approved } = situation;
  const answer = ask(situation, 'confirm-traffic-increase');
  if (!answer.open || answer.code !== 'hurried' || !approved) return undefined;
  const steering = 'steering' in approved ? approved.steering : undefined;
  const word = steering?.promoteFully;
  if (word || approved.kind === 'rollback') {
    const actor = word?.by ?? approved.requestedBy;
    return wanted({ kind: 'promoteFully', revision }, actor, answer);
  }
  const { pause } = run;
  const actor = steering?.stepNow?.by ?? PORTAL_ACTOR;
  return pause === undefined
    ? undefined
    : wanted({ kind: 'goOn', revision, pause }, actor, answer);
}

function goOn(
  situation: OrderSituation,
  revision: string,
): WantedOrder | undefined {
  const { pause, waitingFor } = situation.run;
  if (pause === undefined || !waitingFor) return undefined;
  const answer = answerAtPause(situation);
  return answer.open
    ? wanted({ kind: 'goOn', revision, pause }, PORTAL_ACTOR, answer)
    : undefined;
}

function wanted(
  order: EngineOrder,
  actor: string,
  { sentence }: Pick<GateAnswer, 'sentence'>,
): WantedOrder {
  return { order, actor, sentence };
}
