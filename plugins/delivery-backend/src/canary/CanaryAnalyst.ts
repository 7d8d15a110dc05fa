// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  colouredName,
  isCompared,
  isJudged,
  judgeCanary,
  judgeSwitch,
  known,
  otherColour,
  planOf,
  targetKey,
  unknown,
  usualCanaryStrategy,
  weightsOf,
  type CanaryRun,
  type CanaryVerdict,
  type JudgedCanary,
  type Known,
  type Promotion,
  type SwitchVerdict,
  type Target,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import type { CanaryMetrics } from '../monitoring/CanaryMetrics';
import type { CanarySamples, Comparison } from './CanarySamples';

/** A verdict with everything it rests on. */
export interface Analysis<Verdict> {
  readonly verdict: Verdict;
  readonly comparison: Comparison;
  /** What a person should know of the metrics. */
  readonly notes: readonly string[];
}

/** Of a version beside the one before. */
export type CanaryAnalysis = Analysis<CanaryVerdict>;

/** Of a version after the one before. */
export type SwitchAnalysis = Analysis<SwitchVerdict>;

/** What a promotion keeps of an analysis. */
export function judgedOf({ verdict }: CanaryAnalysis): JudgedCanary {
  const { decision, sentence, findings } = verdict;
  const { faults, weight, soaked } = findings;
  return { decision, sentence, faults, weight, soaked };
}

/** What a promotion keeps of an analysis of a switch. */
export function judgedSwitchOf({ verdict }: SwitchAnalysis): JudgedCanary {
  const { decision, sentence, findings } = verdict;
  const { faults, watched } = findings;
  return { decision, sentence, faults, weight: 100, soaked: watched };
}

/** Engines and pages may ask every few seconds; the minutes change once a minute. */
const freshFor = 15_000;
const kept = 200;

interface Recent<Found> {
  readonly at: number;
  readonly analysis: Promise<Known<Found>>;
}

/**
 * Compares canaries with the versions beside them. Every replica reads the same minutes and judges
 * by the same pure function, so all agree, and a restart changes nothing.
 */
export class CanaryAnalyst {
  readonly #metrics: CanaryMetrics;
  readonly #samples: CanarySamples;
  readonly #clock: Clock;
  readonly #logger: LoggerService;
  readonly #recent = new Map<string, Recent<CanaryAnalysis>>();
  readonly #recentSwitches = new Map<string, Recent<SwitchAnalysis>>();

  constructor(options: {
    readonly metrics: CanaryMetrics;
    readonly samples: CanarySamples;
    readonly clock: Clock;
    readonly logger: LoggerService;
  }) {
    this.#metrics = options.metrics;
    this.#samples = options.samples;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /**
   * The verdict on a canary that gets traffic now. Never rejects; what can not be measured is
   * unknown, with a sentence that says why.
   */
  analyse(
    promotion: Promotion,
    target: Target,
    run: CanaryRun,
  ): Promise<Known<CanaryAnalysis>> {
    const moves = movesOf(promotion, target);
    const key = `${promotion.id} ${targetKey(target)} ${moves.length}`;
    return this.#fresh(this.#recent, key, () =>
      this.#analyse(promotion, target, run),
    );
  }

  /**
   * The verdict on a colour that got all requests, since its Service was seen to select it. Never
   * rejects, like `analyse`.
   */
  watch(promotion: Promotion, target: Target): Promise<Known<SwitchAnalysis>> {
    const key = `${promotion.id} ${targetKey(target)}`;
    return this.#fresh(this.#recentSwitches, key, () =>
      this.#watch(promotion, target),
    );
  }

  /** What was measured of a canary that is over. */
  async review(
    promotion: Promotion,
    target: Target,
  ): Promise<CanaryAnalysis | undefined> {
    const comparison = await this.#samples.read(
      promotion.id,
      targetKey(target),
    );
    return (
      comparison && {
        verdict: judge(promotion, comparison),
        comparison,
        notes: [],
      }
    );
  }

  #fresh<Found>(
    all: Map<string, Recent<Found>>,
    key: string,
    analyse: () => Promise<Known<Found>>,
  ): Promise<Known<Found>> {
    const now = this.#clock().getTime();
    const recent = all.get(key);
    if (recent && now - recent.at < freshFor) return recent.analysis;
    const analysis = analyse().catch(error => {
      this.#logger.error(`A canary could not be judged: ${error}`);
      return this.#unknown<Found>(
        'The portal could not judge it; its log says why.',
      );
    });
    all.delete(key);
    all.set(key, { at: now, analysis });
    for (const old of [...all.keys()].slice(0, -kept)) all.delete(old);
    return analysis;
  }

  async #watch(
    promotion: Promotion,
    target: Target,
  ): Promise<Known<SwitchAnalysis>> {
    const { colours, declaration } = promotion;
    const key = targetKey(target);
    const begin = colours?.serving[key];
    const to = colours?.choices[key]?.to;
    const { metrics, watch } = declaration.blueGreen ?? {};
    if (!begin || !to || !metrics || !watch) {
      return this.#unknown('The new version gets no requests yet.');
    }
    const { name } = target.workload;
    const reading = await this.#metrics.read(
      {
        cluster: target.cluster,
        ...target.workload,
        workload: name,
        arms: {
          canary: colouredName(name, to),
          baseline: colouredName(name, otherColour(to)),
          kind: 'Deployment',
        },
      },
      { begin, weights: [{ at: begin, percent: 100 }] },
      AbortSignal.timeout(freshFor),
    );
    if (!reading.known) return reading;
    const { minutes, boundsMs, notes } = reading.value;
    const watchMinutes = Math.max(1, Math.ceil(watch / 60_000));
    const plan = { stepStarts: [1], weights: [100], soakMinutes: watchMinutes };
    const comparison = { begin, plan, boundsMs, minutes };
    await this.#samples.write(promotion.id, key, comparison);
    const verdict = judgeSwitch(
      minutes,
      boundsMs,
      watchMinutes,
      metrics.policy,
    );
    return known({ verdict, comparison, notes });
  }

  async #analyse(
    promotion: Promotion,
    target: Target,
    run: CanaryRun,
  ): Promise<Known<CanaryAnalysis>> {
    if (!isJudged(run, promotion.declaration)) {
      return this.#unknown(
        'The pipeline gives this stage no strategy, so the portal does not judge it.',
      );
    }
    if (!isCompared(run)) {
      return this.#unknown(
        'Users do not meet both versions at once, so nothing can be compared.',
      );
    }
    const moves = movesOf(promotion, target);
    const { soak, policy } =
      promotion.declaration.strategy ?? usualCanaryStrategy;
    const planned = planOf(moves, soak);
    if (!planned) return this.#unknown('The new version has no traffic yet.');
    const reading = await this.#metrics.read(
      {
        cluster: target.cluster,
        ...target.workload,
        workload: target.workload.name,
        ...(run.arms && { arms: run.arms }),
        ...(policy.checks && { checks: policy.checks }),
      },
      { begin: planned.begin, weights: weightsOf(moves) },
      AbortSignal.timeout(freshFor),
    );
    if (!reading.known) return reading;
    const { minutes, boundsMs, notes } = reading.value;
    const comparison = { ...planned, boundsMs, minutes };
    await this.#samples.write(promotion.id, targetKey(target), comparison);
    return known({ verdict: judge(promotion, comparison), comparison, notes });
  }

  #unknown<T>(problem: string): Known<T> {
    return unknown(this.#clock().toISOString(), problem);
  }
}

function judge(
  promotion: Promotion,
  { minutes, boundsMs, plan }: Comparison,
): CanaryVerdict {
  const { policy } = promotion.declaration.strategy ?? usualCanaryStrategy;
  return judgeCanary(minutes, boundsMs, plan, policy);
}

function movesOf(promotion: Promotion, target: Target) {
  const progress = 'progress' in promotion ? promotion.progress : undefined;
  return progress?.[targetKey(target)]?.canary?.moves ?? [];
}
