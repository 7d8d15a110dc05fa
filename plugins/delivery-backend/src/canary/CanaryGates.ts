// SPDX-License-Identifier: Apache-2.0
import { ConflictError } from '@backstage/errors';
import {
  answerGate,
  known,
  PORTAL_ACTOR,
  targetKey,
  unknown,
  type CanaryHook,
  type GateAnswer,
  type GateQuestionOfEngine,
  type Promotion,
  type PromotionEvent,
  type Stage,
  type Target,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import type { Clusters } from '../clusters/Clusters';
import type { Pipelines } from '../pipelines/Pipelines';
import type { StoredPromotion } from '../promotions/Promotions';
import type { PromotionStore } from '../promotions/PromotionStore';
import { judgedOf, type CanaryAnalyst } from './CanaryAnalyst';
import type { CanaryAddress, EngineWords } from './EngineWords';

/** A question that came from an engine whose key was right. */
export interface EngineQuestion extends CanaryAddress {
  readonly hook: CanaryHook;
  /** Names the content that is compared, in the engine's way. */
  readonly checksum: string;
  /** What an `event` tells. */
  readonly notice?: { readonly type: string; readonly message: string };
}

/** One place of a pipeline that an engine may ask about. */
interface Place {
  readonly service: string;
  readonly stage: Stage;
  readonly target: Target;
}

const historyLooked = 30;
const attempts = 3;

/**
 * Answers engines. Every answer is decided anew from the event log, the live cluster and the metrics:
 * nothing is kept open, so nothing is left open by a restart or for the next release.
 */
export class CanaryGates {
  readonly #clusters: Clusters;
  readonly #pipelines: Pipelines;
  readonly #store: PromotionStore;
  readonly #analyst: CanaryAnalyst;
  readonly #words: EngineWords;
  readonly #clock: Clock;

  constructor(options: {
    readonly clusters: Clusters;
    readonly pipelines: Pipelines;
    readonly store: PromotionStore;
    readonly analyst: CanaryAnalyst;
    readonly words: EngineWords;
    readonly clock: Clock;
  }) {
    this.#clusters = options.clusters;
    this.#pipelines = options.pipelines;
    this.#store = options.store;
    this.#analyst = options.analyst;
    this.#words = options.words;
    this.#clock = options.clock;
  }

  /** Closed also for canaries that no pipeline knows. @throws when the database fails: the engine then stays where it is */
  async answer(question: EngineQuestion): Promise<GateAnswer> {
    const at = this.#clock().toISOString();
    if (question.notice) {
      await this.#words.told(question, { at, ...question.notice });
    }
    const place = this.#placeOf(question);
    const answer = place
      ? await this.#decide(place, question)
      : stranger(question);
    if (question.hook !== 'event') {
      await this.#words.asked(question, question.hook, answer, at);
    }
    return answer;
  }

  /** Canaries need not be named like the workload, so the cluster's view tells whose it is. */
  #placeOf({ cluster, namespace, name }: CanaryAddress): Place | undefined {
    const places = this.#pipelines.list().flatMap(({ service, stages }) =>
      stages.flatMap(stage =>
        stage.targets
          .filter(target => target.cluster === cluster)
          .filter(({ workload }) => workload.namespace === namespace)
          .map(target => ({ service, stage, target })),
      ),
    );
    const canaryOf = ({ target }: Place) =>
      this.#clusters.targetState(target).canary;
    // Only Flagger asks; a Rollout of that name is not meant.
    const isMeant = (place: Place) => {
      const canary = canaryOf(place);
      return canary?.engine === 'flagger' && canary.name === name;
    };
    return (
      places.find(isMeant) ??
      places.find(
        place => !canaryOf(place) && place.target.workload.name === name,
      )
    );
  }

  async #decide(place: Place, question: EngineQuestion): Promise<GateAnswer> {
    for (let attempt = 1; ; attempt++) {
      const asked = await this.#gather(place, question);
      const answer = answerGate(asked.question);
      const event = eventOf(asked.question, answer, targetKey(place.target));
      if (!event || !asked.approved) return answer;
      try {
        const { promotion, version } = asked.approved;
        await this.#store.append([
          {
            promotion: promotion.id,
            expectedVersion: version,
            events: [event],
          },
        ]);
        return answer;
      } catch (error) {
        // Somebody wrote to the promotion meanwhile; what they wrote may change the answer.
        if (!(error instanceof ConflictError) || attempt === attempts)
          throw error;
      }
    }
  }

  async #gather(
    { service, stage, target }: Place,
    { hook, checksum }: EngineQuestion,
  ): Promise<{
    readonly question: GateQuestionOfEngine;
    readonly approved: StoredPromotion | undefined;
  }> {
    const promotions = await this.#store.list({
      service,
      stage: stage.name,
      limit: historyLooked,
    });
    const approved =
      promotions.find(({ promotion }) => isFollowed(promotion)) ??
      promotions.find(({ promotion }) => promotion.phase === 'succeeded');
    const rollback = promotions.find(
      ({ promotion }) =>
        promotion.kind === 'rollback' &&
        (promotion.phase === 'waiting' || promotion.phase === 'writing'),
    );
    const state = this.#clusters.targetState(target);
    const run = state.freshness.state === 'live' ? state.canary : undefined;
    const promotion = approved?.promotion;
    const progress =
      promotion && 'progress' in promotion ? promotion.progress : undefined;
    return {
      approved,
      question: {
        hook,
        now: this.#clock().toISOString(),
        cluster: target.cluster,
        checksum,
        run,
        approved: promotion,
        rollback: rollback?.promotion,
        progress: progress?.[targetKey(target)]?.canary,
        verdict: await this.#verdict(hook, promotion, target, run),
      },
    };
  }

  async #verdict(
    hook: CanaryHook,
    promotion: Promotion | undefined,
    target: Target,
    run: GateQuestionOfEngine['run'],
  ): Promise<GateQuestionOfEngine['verdict']> {
    const isAsked = hook !== 'confirm-rollout' && hook !== 'event';
    if (!isAsked || !promotion || !isFollowed(promotion) || !run?.weight) {
      return unknown(this.#clock().toISOString(), 'Nothing is judged yet.');
    }
    const analysis = await this.#analyst.analyse(promotion, target, run);
    return analysis.known ? known(judgedOf(analysis.value)) : analysis;
  }
}

function isFollowed({ phase }: Promotion): boolean {
  return phase === 'reconciling' || phase === 'verifying';
}

/** What an answer makes known of the promotion, before the answer is given. */
function eventOf(
  question: GateQuestionOfEngine,
  answer: GateAnswer,
  target: string,
): PromotionEvent | undefined {
  const { hook, approved, progress, checksum, verdict, run, now } = question;
  if (!approved || !isFollowed(approved)) return undefined;
  const by = { at: now, actor: PORTAL_ACTOR, target };
  // With its first traffic the content is agreed to; from then on it must stay what it is.
  const isFirst = progress?.checksum === undefined && checksum !== '';
  if (hook === 'confirm-traffic-increase' && answer.open && isFirst)
    return { ...by, type: 'canaryBound', checksum };
  // The engine may have acted on it before anybody else looks.
  const isNew = progress?.judgement?.decision !== 'rollBack';
  if (answer.code === 'condemned' && isNew && verdict.known && run) {
    const { decision, sentence, faults } = verdict.value;
    const { weight } = run;
    return { ...by, type: 'canaryJudged', decision, sentence, faults, weight };
  }
  // Nothing speaks against it, but people must find why it was taken back.
  if (answer.code === 'inconclusive' && isNew && run) {
    const { sentence } = answer;
    const { weight } = run;
    return {
      ...by,
      type: 'canaryJudged',
      decision: 'rollBack',
      sentence,
      faults: [],
      weight,
    };
  }
  return undefined;
}

function stranger({
  hook,
  name,
  namespace,
  cluster,
}: EngineQuestion): GateAnswer {
  return hook === 'event'
    ? { open: true, code: 'recorded', sentence: 'Recorded.' }
    : {
        open: false,
        code: 'notApproved',
        sentence: `No pipeline of the portal deploys ${namespace}/${name} to ${cluster}.`,
      };
}
