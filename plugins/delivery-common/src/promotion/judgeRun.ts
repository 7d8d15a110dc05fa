// SPDX-License-Identifier: Apache-2.0
import { isPausedFromHere } from '../canary/order/engineOrder';
import {
  engineTitle,
  isRunning,
  type CanaryRun,
} from '../canary/run/canaryRun';
import { sayEntity } from '../gates/sayEntity';
import type { Target } from '../pipeline/pipeline';
import { later, type Milliseconds } from '../time';
import { declares } from './declares';
import type { TargetJudgement, TargetWish } from './judgeTarget';
import { moving, problem } from './judgements';

/** The Deployment's change may be seen a little after Flux's word about it. */
export const PATIENCE_AFTER_APPLYING: Milliseconds = 60_000;

type Judged = Extract<TargetJudgement, { state: 'problem' | 'moving' }>;

/**
 * Judges an engine that gives the applied release its traffic. Undefined once all traffic is on the
 * wanted version, so that its workload alone has to prove it: an end that the engine announces is
 * about the version before until it has looked at this one.
 */
export function judgeRun(
  run: CanaryRun,
  target: Target,
  wish: TargetWish,
): Judged | undefined {
  const where = `${target.workload.name} in ${target.cluster}`;
  if (!declares(run.declared, wish.images)) {
    // Somebody reverted Git in mid-run, and then the engine took it back.
    if (wasTakenBack(run, wish))
      return problem('canaryTakenBack', sayTakenBack(run, where, wish));
    return settling(
      run,
      wish,
      `${where} declares ${
        run.declared.join(', ') || 'no image'
      }, not the release's digests.`,
      'imagesDiffer',
    );
  }
  const isOurs = isPausedFromHere(wish.progress.canary?.order, wish.now);
  if (run.suspended && isRunning(run) && !isOurs) {
    return problem(
      'canarySuspended',
      `The canary of ${where} is suspended at ${run.weight} %.`,
    );
  }
  if (run.stuck && (run.phase !== 'idle' || run.behind)) {
    return problem(
      'degraded',
      `${engineTitle(run.engine)} can not go on with ${where}: ${run.stuck}`,
    );
  }
  if (isRunning(run)) return moving('canary', sayRun(run, where));
  const serves = run.stable !== undefined && declares(run.stable, wish.images);
  if (run.phase === 'failed' && run.end === 'promotionFailed') {
    return problem(
      'canaryPromotionFailed',
      `${where} could not become stable and still gets ${run.weight} % of the traffic.`,
    );
  }
  if (serves) return undefined;
  if (wasTakenBack(run, wish)) {
    return problem('canaryTakenBack', sayTakenBack(run, where, wish));
  }
  if (run.phase === 'initializing') return settingUp(run, target);
  return settling(
    run,
    wish,
    run.phase === 'failed'
      ? `The canary of ${where} has failed, and nothing newer was started.`
      : `The canary of ${where} has not started.`,
    'canaryNotStarted',
  );
}

/** The engine has not compared anything yet. */
export function settingUp({ engine }: CanaryRun, target: Target): Judged {
  return moving(
    'canary',
    `${engineTitle(engine)} is setting ${target.workload.name} in ${
      target.cluster
    } up.`,
  );
}

/** What the engine does, for people. */
function sayRun(run: CanaryRun, where: string): string {
  switch (run.phase) {
    case 'waiting':
      return `The canary of ${where} waits to be let in.`;
    case 'waitingPromotion':
      return `The canary of ${where} has ${
        run.weight === 100 ? 'all' : `${run.weight} % of`
      } the traffic and waits to be let pass.`;
    case 'promoting':
      return `The stable version of ${where} is being replaced.`;
    case 'finalising':
      return `The traffic of ${where} goes back to the stable version, which is new now.`;
    default:
      return run.iterations
        ? `The canary of ${where} is tested: ${run.iterations.done} of ${run.iterations.of} times.`
        : `The canary of ${where} gets ${run.weight} % of the traffic${
            run.waitingFor ? ' and waits for a person' : ''
          }.`;
  }
}

/** The run failed after it was seen to begin; a failure from before says nothing. */
function wasTakenBack(run: CanaryRun, { progress }: TargetWish): boolean {
  return (
    run.phase === 'failed' &&
    run.end !== 'promotionFailed' &&
    (progress.canary?.moves ?? []).some(
      ({ phase }) => phase !== 'failed' && phase !== 'idle',
    )
  );
}

function sayTakenBack(
  run: CanaryRun,
  where: string,
  { progress, abort }: TargetWish,
): string {
  if (abort) {
    return `${sayEntity(abort.by)} took the canary of ${where} back${
      abort.reason ? `: ${abort.reason}` : '.'
    }`;
  }
  const judgement = progress.canary?.judgement;
  return judgement?.decision === 'rollBack'
    ? `The canary of ${where} was taken back. ${judgement.sentence}`
    : `${engineTitle(run.engine)} took the canary of ${where} back${
        run.takesOrders && run.message ? `: ${run.message}` : '.'
      }`;
}

/** Engines look once an interval, so a little more than two of them is no reason to worry. */
function settling(
  run: CanaryRun,
  wish: TargetWish,
  text: string,
  code: 'imagesDiffer' | 'canaryNotStarted',
): Judged {
  const patience = Math.max(PATIENCE_AFTER_APPLYING, 3 * run.interval);
  const until = later(wish.progress.applied?.at ?? wish.now, patience);
  return until > wish.now
    ? { ...moving('canary', text), until }
    : problem(code, text);
}
