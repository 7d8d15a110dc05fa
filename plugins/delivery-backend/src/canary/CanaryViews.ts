// SPDX-License-Identifier: Apache-2.0
import {
  answerAtPause,
  canaryView,
  isActive,
  known,
  minuteSeries,
  targetKey,
  unknown,
  type CanaryOfTarget,
  type CanaryRun,
  type CanarySituation,
  type CanaryView,
  type Promotion,
  type Target,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import type { Clusters } from '../clusters/Clusters';
import type { Promotions, StoredPromotion } from '../promotions/Promotions';
import {
  judgedOf,
  type CanaryAnalysis,
  type CanaryAnalyst,
} from './CanaryAnalyst';
import type { EngineWords } from './EngineWords';

const earlierLooked = 30;

/** Pictures of the canaries of promotions, running and ended ones. */
export class CanaryViews {
  constructor(
    private readonly parts: {
      readonly clusters: Clusters;
      readonly promotions: Pick<Promotions, 'events' | 'list'>;
      readonly analyst: CanaryAnalyst;
      readonly words: EngineWords;
      readonly clock: Clock;
    },
  ) {}

  /** @param withheld - what the viewer has no right to, with the reason */
  async of(
    { promotion }: StoredPromotion,
    withheld: CanarySituation['withheld'],
  ): Promise<CanaryView> {
    const { promotions, clock } = this.parts;
    const { id, service, stage, requestedAt } = promotion;
    const [events, others, entries] = await Promise.all([
      promotions.events(id),
      promotions.list({ service, stage, limit: earlierLooked }),
      Promise.all(
        promotion.declaration.targets.map(
          async target =>
            [targetKey(target), await this.#target(promotion, target)] as const,
        ),
      ),
    ]);
    return canaryView({
      promotion,
      events,
      targets: Object.fromEntries(entries),
      earlier: others
        .map(other => other.promotion)
        .filter(other => other.id !== id && other.requestedAt < requestedAt),
      now: clock().toISOString(),
      withheld,
    });
  }

  async #target(promotion: Promotion, target: Target): Promise<CanaryOfTarget> {
    const { clusters, analyst } = this.parts;
    const state = clusters.targetState(target);
    const run = state.canary;
    const question =
      run && isActive(promotion)
        ? await this.#question(promotion, target, run)
        : undefined;
    const common = { state, ...(question && { question }) };
    if (!isActive(promotion) || !run) {
      const review = await analyst.review(promotion, target);
      return { ...common, ...shown(review) };
    }
    if (run.weight === 0) return { ...common, minutes: [], notes: [] };
    const analysis = await analyst.analyse(promotion, target, run);
    if (analysis.known) return { ...common, ...shown(analysis.value) };
    // What was measured before it became unknown stays in sight.
    const review = await analyst.review(promotion, target);
    const { minutes } = shown(review);
    return { ...common, minutes, notes: [], notJudged: analysis.problem };
  }

  /** What was asked last: by an engine, or for one that does not ask by the portal at this moment. */
  async #question(
    promotion: Promotion,
    target: Target,
    run: CanaryRun,
  ): Promise<CanaryOfTarget['question']> {
    const { analyst, words, clock } = this.parts;
    const { cluster } = target;
    if (!run.takesOrders) return words.lastQuestion({ ...run, cluster });
    if (!run.waitingFor) return undefined;
    const now = clock().toISOString();
    const analysis =
      run.weight > 0
        ? await analyst.analyse(promotion, target, run)
        : unknown<CanaryAnalysis>(now, 'Nothing is judged yet.');
    const progress =
      'progress' in promotion
        ? promotion.progress?.[targetKey(target)]?.canary
        : undefined;
    const answer = answerAtPause({
      now,
      cluster,
      run,
      approved: promotion,
      progress,
      given: progress?.order,
      verdict: analysis.known ? known(judgedOf(analysis.value)) : analysis,
    });
    return { hook: 'pause', at: now, ...answer };
  }
}

function shown(
  analysis: CanaryAnalysis | undefined,
): Pick<CanaryOfTarget, 'minutes' | 'notes' | 'verdict'> {
  if (!analysis) return { minutes: [], notes: [] };
  const { comparison, notes, verdict } = analysis;
  return { minutes: minuteSeries(comparison), notes, verdict };
}
