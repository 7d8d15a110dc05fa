// SPDX-License-Identifier: Apache-2.0
import type { Known } from '../../gates/known';
import { sayDuration } from '../../gates/sayDuration';
import { sayEntity } from '../../gates/sayEntity';
import type { CanaryStrategy } from '../../pipeline/pipeline';
import { usualCanaryStrategy } from '../../pipeline/strategy';
import { declares } from '../../promotion/declares';
import type { JudgedCanary } from '../../promotion/facts';
import {
  wantedImages,
  type CanaryProgress,
  type Promotion,
} from '../../promotion/promotion';
import { later, type Instant } from '../../time';
import { isCompared, type CanaryHook, type CanaryRun } from '../run/canaryRun';
import { soakEnd } from '../run/timeline';

/** What an engine asks, and everything that the answer rests on. */
export interface GateQuestionOfEngine {
  readonly hook: CanaryHook;
  readonly now: Instant;
  /** Name of the cluster, for people. */
  readonly cluster: string;
  /** What names the content that is compared, as the engine says. */
  readonly checksum: string;
  /** What the cluster shows of the canary; undefined unless it is live. */
  readonly run: CanaryRun | undefined;
  /** The promotion whose commit runs there: the one on its way, else the last that arrived. */
  readonly approved: Promotion | undefined;
  /** A rollback of the stage that has written nothing yet. */
  readonly rollback: Promotion | undefined;
  /** Of the target in that promotion. */
  readonly progress: CanaryProgress | undefined;
  /** What the judge says now. */
  readonly verdict: Known<JudgedCanary>;
}

/** Why a gate is open or closed. */
export type GateAnswerCode =
  | 'approved'
  | 'recorded'
  | 'outsidePromotion'
  | 'hurried'
  | 'soaked'
  | 'clusterUnknown'
  | 'notApproved'
  | 'revisionChanged'
  | 'aborted'
  | 'paused'
  | 'soaking'
  | 'condemned'
  | 'notDecided'
  | 'waitsForPerson'
  | 'rollback'
  | 'inconclusive'
  | 'nothingAgainstIt';

/** The answer to an engine. Of the gate `rollback`, open means: take it back now. */
export interface GateAnswer {
  readonly open: boolean;
  readonly code: GateAnswerCode;
  /** One sentence; engines show it beside the canary. */
  readonly sentence: string;
}

/**
 * Answers a question of the engine. Closed unless there is a reason to open: what the portal does
 * not know, did not approve or has not finished judging gets no more traffic. The gate `rollback`
 * is the other way round: it opens only with evidence, a person's word or at the end of patience.
 */
export function answerGate(question: GateQuestionOfEngine): GateAnswer {
  switch (question.hook) {
    case 'event':
      return open('recorded', 'Recorded.');
    case 'rollback':
      return answerRollback(question);
    case 'confirm-rollout':
      return notOurs(question) ?? stopped(question) ?? welcome(question);
    case 'confirm-traffic-increase':
      return (
        notOurs(question) ??
        changedMeanwhile(question) ??
        stopped(question) ??
        outsidePromotion(question) ??
        hurried(question) ??
        firstTraffic(question) ??
        watched(question)
      );
    default:
      return (
        notOurs(question) ??
        changedMeanwhile(question) ??
        stopped(question) ??
        outsidePromotion(question) ??
        hurried(question) ??
        waitsForPerson(question) ??
        watched(question)
      );
  }
}

/**
 * How long the portal lets a step wait for what it may never learn: from the end of the soak, or from
 * when the judge began to hold, or from when a person let it go on, whichever was last. So time in
 * which nobody could judge is not held against the version.
 */
function endOfPatience(question: GateQuestionOfEngine): Instant | undefined {
  const { run, progress, approved } = question;
  const judgement = progress?.judgement;
  if (!run || !progress || judgement?.decision !== 'hold') return undefined;
  const { soak, longestWait } = strategyOf(question);
  const end = soakEnd(progress.moves, run, soak);
  if (end === undefined) return undefined;
  const resumedAt = followed(approved)?.steering?.resumedAt ?? end;
  const [last] = [end, judgement.at, resumedAt].sort().reverse();
  return later(last, longestWait);
}

/** The judge has watched the step in force to its end, and lets it go on. */
function isGoodEnough({ verdict, run }: GateQuestionOfEngine): boolean {
  if (!verdict.known) return false;
  const { decision, weight, soaked } = verdict.value;
  return decision === 'goOn' && soaked && weight === run?.weight;
}

function answerRollback(question: GateQuestionOfEngine): GateAnswer {
  const { rollback, approved, progress, verdict, now } = question;
  if (rollback) {
    return open(
      'rollback',
      `${sayEntity(rollback.requestedBy)} rolls back to ${
        rollback.release.version
      }.`,
    );
  }
  const following = followed(approved);
  const abort = following?.steering?.abort;
  if (abort) {
    return open(
      'aborted',
      `${sayEntity(abort.by)} took it back${
        abort.reason ? `: ${abort.reason}` : '.'
      }`,
    );
  }
  if (!following || following.kind === 'rollback')
    return closed('nothingAgainstIt', 'Nothing speaks against it.');
  const strategy = strategyOf(question);
  const judgement = progress?.judgement;
  if (strategy.onFault === 'rollBack') {
    if (judgement?.decision === 'rollBack')
      return open('condemned', judgement.sentence);
    if (verdict.known && verdict.value.decision === 'rollBack')
      return open('condemned', verdict.value.sentence);
  }
  const end = endOfPatience(question);
  const waits = following.steering?.paused || strategy.promotion === 'manual';
  const compares =
    strategy.analysis && question.run && isCompared(question.run);
  const isUndecided =
    end !== undefined && end <= now && !isGoodEnough(question);
  if (isUndecided && compares && !waits) {
    return open(
      'inconclusive',
      `It could not be decided within ${sayDuration(
        strategy.soak + strategy.longestWait,
      )}. ${verdict.known ? verdict.value.sentence : verdict.problem}`,
    );
  }
  return closed('nothingAgainstIt', 'Nothing speaks against it.');
}

/** What the engine compares must be what was agreed to; anything else is held. */
function notOurs({
  run,
  approved,
  cluster,
}: GateQuestionOfEngine): GateAnswer | undefined {
  if (!run) {
    return closed(
      'clusterUnknown',
      `The portal can not see ${cluster} at this moment, so nothing moves on.`,
    );
  }
  const images = run.declared.join(', ') || 'no image';
  if (!approved || !declares(run.declared, wantedImages(approved))) {
    const last = approved ? `; it promoted ${approved.release.version}` : '';
    return closed(
      'notApproved',
      `Nobody promoted ${images} to this stage in the portal${last}.`,
    );
  }
  return undefined;
}

/** A new version that arrives in mid-run is taken up without asking `confirm-rollout` again. */
function changedMeanwhile({
  progress,
  checksum,
}: GateQuestionOfEngine): GateAnswer | undefined {
  if (!progress?.checksum || progress.checksum === checksum) return undefined;
  return closed(
    'revisionChanged',
    'The workload was changed in mid-run by something other than this promotion. Take it back, then promote what is wanted.',
  );
}

function stopped({ approved }: GateQuestionOfEngine): GateAnswer | undefined {
  const steering = followed(approved)?.steering;
  if (steering?.abort) {
    return closed('aborted', `${sayEntity(steering.abort.by)} took it back.`);
  }
  if (steering?.paused) {
    const { by, reason } = steering.paused;
    return closed(
      'paused',
      `${sayEntity(by)} paused it${reason ? `: ${reason}` : '.'}`,
    );
  }
  return undefined;
}

/** The release arrived before, so only its configuration is new: that is between Git and the engine. */
function outsidePromotion({
  approved,
}: GateQuestionOfEngine): GateAnswer | undefined {
  if (followed(approved)) return undefined;
  return open(
    'outsidePromotion',
    'The release was promoted before; only its configuration changed.',
  );
}

function hurried({
  approved,
  run,
}: GateQuestionOfEngine): GateAnswer | undefined {
  const following = followed(approved);
  if (following?.kind === 'rollback' && following.mode !== 'safe') {
    return open('hurried', 'A rollback takes all steps at once.');
  }
  const { promoteFully, stepNow } = following?.steering ?? {};
  if (promoteFully) {
    return open(
      'hurried',
      `${sayEntity(promoteFully.by)} let it pass without waiting.`,
    );
  }
  if (stepNow && stepNow.weight === run?.weight) {
    return open('hurried', `${sayEntity(stepNow.by)} asked for the next step.`);
  }
  return undefined;
}

function firstTraffic({ run }: GateQuestionOfEngine): GateAnswer | undefined {
  return run?.weight === 0
    ? open('approved', 'The new version may have its first traffic.')
    : undefined;
}

function waitsForPerson(
  question: GateQuestionOfEngine,
): GateAnswer | undefined {
  return strategyOf(question).promotion === 'manual'
    ? closed('waitsForPerson', 'Every step is done; a person must let it pass.')
    : undefined;
}

/** The step must have been watched long enough, and what was seen must be good enough. */
function watched(question: GateQuestionOfEngine): GateAnswer {
  const { run, progress, verdict, now } = question;
  const { soak, ...strategy } = strategyOf(question);
  const analysis = strategy.analysis && run !== undefined && isCompared(run);
  const what = run && run.weight > 0 ? `${run.weight} %` : 'The new version';
  const end = run && soakEnd(progress?.moves ?? [], run, soak);
  const judgement = progress?.judgement;
  if (judgement?.decision === 'rollBack')
    return closed('condemned', judgement.sentence);
  if (analysis && verdict.known && verdict.value.decision === 'rollBack')
    return closed('condemned', verdict.value.sentence);
  if (end === undefined || end > now) {
    const left = end === undefined ? soak : Date.parse(end) - Date.parse(now);
    return closed(
      'soaking',
      `${what} is watched for ${sayDuration(left)} more.`,
    );
  }
  if (!analysis) return open('soaked', `${what} was watched long enough.`);
  if (!verdict.known) return closed('notDecided', verdict.problem);
  // What was said of a step before, or early in this one, says nothing about its end.
  const { decision, sentence, soaked, weight } = verdict.value;
  if (weight !== run?.weight || (decision === 'goOn' && !soaked))
    return closed('notDecided', `${what} has not been judged to its end yet.`);
  return decision === 'goOn'
    ? open('soaked', sentence)
    : closed('notDecided', sentence);
}

function welcome({ approved }: GateQuestionOfEngine): GateAnswer {
  return open(
    'approved',
    `${approved?.release.version} was promoted by ${sayEntity(
      approved?.requestedBy ?? '',
    )}.`,
  );
}

/** The promotion while its commit is on its way through the clusters. */
function followed(promotion: Promotion | undefined) {
  return promotion?.phase === 'reconciling' || promotion?.phase === 'verifying'
    ? promotion
    : undefined;
}

function strategyOf({ approved }: GateQuestionOfEngine): CanaryStrategy {
  return approved?.declaration.strategy ?? usualCanaryStrategy;
}

function open(code: GateAnswerCode, sentence: string): GateAnswer {
  return { open: true, code, sentence };
}

function closed(code: GateAnswerCode, sentence: string): GateAnswer {
  return { open: false, code, sentence };
}
