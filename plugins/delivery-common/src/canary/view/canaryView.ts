// SPDX-License-Identifier: Apache-2.0
import type {
  CanaryMinuteView,
  CanaryTargetView,
  CanaryView,
  CanaryWord,
} from '../../api/views';
import type { TargetState } from '../../cluster/targetState';
import { sayDuration } from '../../gates/sayDuration';
import { usualCanaryStrategy } from '../../pipeline/strategy';
import type { PromotionEvent, SteeringAction } from '../../promotion/events';
import {
  isActive,
  targetKey,
  type CanaryProgress,
  type Promotion,
} from '../../promotion/promotion';
import { isRefused } from '../../promotion/refusal';
import { steer } from '../../promotion/steer';
import type { Instant, Milliseconds } from '../../time';
import { releaseRef } from '../../view/promotionView';
import {
  canariesOf,
  canaryOutcome,
  highestWeight,
  wasCanary,
  type CanaryOutcome,
} from '../canaryOutcome';
import type { EngineOrderKind, OrderOutcome } from '../order/engineOrder';
import type { CanaryVerdict } from '../judge/judgeCanary';
import { isJudged, isRunning, type CanaryRun } from '../run/canaryRun';
import { soakEnd, weightsOf } from '../run/timeline';
import { limitsView } from './limitsView';

/** What is known of one target's canary beside the promotion. */
export interface CanaryOfTarget {
  readonly state: TargetState;
  /** What was measured, for charts. */
  readonly minutes: readonly CanaryMinuteView[];
  readonly notes: readonly string[];
  readonly verdict?: Pick<CanaryVerdict, 'decision' | 'sentence'> & {
    readonly findings: Pick<CanaryVerdict['findings'], 'gates' | 'troubled'>;
  };
  readonly notJudged?: string;
  readonly question?: CanaryTargetView['question'];
}

/** Everything that a picture of a promotion's canaries shows. */
export interface CanarySituation {
  readonly promotion: Promotion;
  readonly events: readonly PromotionEvent[];
  /** By target key. */
  readonly targets: Readonly<Record<string, CanaryOfTarget>>;
  /** Earlier promotions of the stage, newest first. */
  readonly earlier: readonly Promotion[];
  readonly now: Instant;
  /** Actions that the viewer has no right to, with the reason. */
  readonly withheld: Readonly<
    Partial<
      Record<SteeringAction, CanaryView['actions'][number]['reasons'][number]>
    >
  >;
}

const mostPast = 5;

/** The canaries of a promotion as the HTTP API shows them. */
export function canaryView(situation: CanarySituation): CanaryView {
  const { promotion, events, targets, earlier, now } = situation;
  const strategy = promotion.declaration.strategy ?? usualCanaryStrategy;
  const { policy } = strategy;
  const outcome = canaryOutcome(promotion);
  const steering = 'steering' in promotion ? promotion.steering : undefined;
  const shown = promotion.declaration.targets.flatMap(target => {
    const found = targets[targetKey(target)];
    return found ? [targetView(situation, found)] : [];
  });
  return {
    promotion: promotion.id,
    headline: headline(situation, shown, outcome),
    ...(outcome && { outcome }),
    soak: strategy.soak,
    promotionBy: strategy.promotion,
    onFault: strategy.onFault,
    analysis: strategy.analysis,
    limits: limitsView(policy),
    ...(isActive(promotion) &&
      steering?.paused && {
        paused: {
          at: steering.paused.at,
          by: steering.paused.by,
          text: 'Paused.',
          ...(steering.paused.reason && { reason: steering.paused.reason }),
        },
      }),
    targets: shown,
    words: wordsOf(events),
    past: earlier.filter(wasCanary).slice(0, mostPast).flatMap(pastOf),
    actions: isActive(promotion) ? actionsOf(situation, now) : [],
  };
}

function targetView(
  { promotion, now }: CanarySituation,
  found: CanaryOfTarget,
): CanaryTargetView {
  const { state, verdict } = found;
  const { target, freshness, canary: run } = state;
  const key = targetKey(target);
  const progress =
    'progress' in promotion ? promotion.progress?.[key] : undefined;
  const isOver = !isActive(promotion);
  return {
    target: key,
    cluster: target.cluster,
    workload: target.workload.name,
    ...(run && {
      engine: run.engine,
      strategy: run.strategy,
    }),
    ...(run && !isOver && presentOf(run)),
    ...(freshness.state !== 'live' &&
      !isOver && {
        unknown: {
          problem: freshness.problem ?? freshness.state,
          since: freshness.since,
        },
      }),
    weight: isOver ? lastWeight(progress?.canary) : run?.weight ?? 0,
    steps: stepsOf(promotion, run, progress?.canary, now),
    ...(verdict && {
      verdict: {
        decision: verdict.decision,
        sentence: verdict.sentence,
        gates: verdict.findings.gates.map(gate => ({ ...gate })),
        troubled: [...verdict.findings.troubled],
      },
    }),
    ...(found.notJudged && !isOver && { notJudged: found.notJudged }),
    ...(found.question && !isOver && { question: found.question }),
    minutes: [...found.minutes],
    notes: [...found.notes],
  };
}

function presentOf(run: CanaryRun) {
  return {
    phase: run.phase,
    suspended: run.suspended,
    ...(run.iterations && { iterations: { ...run.iterations } }),
    ...(run.checks && { checks: { ...run.checks } }),
    ...(run.message && { message: run.message }),
    ...(run.measures && {
      measures: run.measures.map(measure => ({
        ...measure,
        metrics: measure.metrics.map(metric => ({ ...metric })),
      })),
    }),
  };
}

function lastWeight(progress: CanaryProgress | undefined): number {
  const weights = weightsOf(progress?.moves ?? []);
  return weights[weights.length - 1]?.percent ?? 0;
}

function stepsOf(
  promotion: Promotion,
  run: CanaryRun | undefined,
  progress: CanaryProgress | undefined,
  now: Instant,
): CanaryTargetView['steps'] {
  const moves = progress?.moves ?? [];
  const taken = weightsOf(moves);
  const { soak } = promotion.declaration.strategy ?? usualCanaryStrategy;
  const planned = run?.steps ?? [];
  const weights = [
    ...new Set([...taken.map(({ percent }) => percent), ...planned]),
  ].sort((left, right) => left - right);
  const isOver = !run || !isRunning(run) || !isActive(promotion);
  const end = moves[moves.length - 1]?.at ?? now;
  return weights.map(weight => {
    const index = taken.findIndex(({ percent }) => percent === weight);
    if (index < 0)
      return {
        weight,
        state: isOver && taken.length > 0 ? 'notReached' : 'planned',
      };
    const { at: since } = taken[index];
    const next = taken[index + 1]?.at;
    const isCurrent = !isOver && next === undefined;
    // How long an engine watches that does not ask is its own affair.
    const soaked = isJudged(run ?? {}, promotion.declaration)
      ? soakEnd(moves, { steps: planned, weight }, soak)
      : undefined;
    const until = isCurrent ? soaked : next ?? end;
    return {
      weight,
      state: isCurrent ? 'current' : 'done',
      since,
      ...(until && { until }),
    };
  });
}

const outcomes: Readonly<Record<CanaryOutcome, string>> = {
  promoted: 'Every step was good, and the new version is stable.',
  fastPromoted: 'The new version became stable without waiting for every step.',
  rolledBack: 'The new version was taken back.',
  aborted: 'A person took the new version back.',
  superseded: 'A newer version took its place.',
  neverRan: 'It was the first version of all, so nothing was compared.',
  failed: 'The canary ended because something else went wrong.',
};

function headline(
  { promotion, now }: CanarySituation,
  shown: readonly CanaryTargetView[],
  outcome: CanaryOutcome | undefined,
): string {
  if (outcome) return endedHeadline(promotion, outcome);
  const [target] = shown;
  if (!target?.phase) return 'No engine gives this release its traffic yet.';
  if (target.unknown) {
    return `${target.cluster} can not be seen; it had ${target.weight} % of the traffic.`;
  }
  const current = target.steps.find(({ state }) => state === 'current');
  const steering = 'steering' in promotion ? promotion.steering : undefined;
  if (steering?.abort) return 'It is being taken back.';
  if (steering?.paused) return `Paused at ${target.weight} %.`;
  switch (target.phase) {
    case 'waiting':
      return 'It waits to be let in; no traffic is on it yet.';
    case 'promoting':
    case 'finalising':
      return 'All steps are done; the new version is becoming the stable one.';
    case 'progressing':
    case 'waitingPromotion': {
      const left = current?.until
        ? Date.parse(current.until) - Date.parse(now)
        : 0;
      const soaking = left > 0 ? `, watched for ${sayDuration(left)} more` : '';
      const isOwn =
        target.engine !== 'flagger' && !promotion.declaration.strategy;
      const said =
        (isOwn && target.message) ||
        (target.verdict?.sentence ?? target.notJudged);
      return `${target.weight} % of the traffic${soaking}.${
        said ? ` ${said}` : ''
      }`;
    }
    default:
      return target.message ?? 'The engine has not begun.';
  }
}

function endedHeadline(promotion: Promotion, outcome: CanaryOutcome): string {
  const judged = canariesOf(promotion)
    .map(({ judgement }) => judgement)
    .find(judgement => judgement?.decision === 'rollBack');
  return outcome === 'rolledBack' && judged
    ? `${outcomes.rolledBack} ${judged.sentence}`
    : outcomes[outcome];
}

const told: Readonly<Record<SteeringAction, string>> = {
  pause: 'Paused.',
  resume: 'Let it go on.',
  stepNow: 'Asked for the next step without waiting.',
  promoteFully: 'Let it pass without further waiting.',
  abort: 'Took it back.',
};

const orders: Readonly<Record<EngineOrderKind, string>> = {
  pause: 'The engine is told to stay',
  resume: 'The engine is told to move again',
  goOn: 'The engine is told to leave its pause',
  promoteFully: 'The engine is told to make it stable',
  abort: 'The engine is told to take it back',
  retry: 'The engine is told to begin anew',
};

const outcomesOfOrders: Readonly<Record<OrderOutcome, string>> = {
  accepted: '',
  overtaken: ', which had moved on before',
  refused: ', which the cluster refuses',
};

function wordsOf(events: readonly PromotionEvent[]): CanaryWord[] {
  return events
    .flatMap((event): CanaryWord[] => {
      if (event.type === 'canaryJudged') {
        const { at, actor: by, sentence, weight } = event;
        return [{ at, by, text: `At ${weight} %: ${sentence}` }];
      }
      if (event.type === 'canaryOrdered') {
        const { at, actor: by, order, outcome, sentence } = event;
        const text = `${orders[order.kind]}${
          outcomesOfOrders[outcome]
        }. ${sentence}`;
        return [{ at, by, text }];
      }
      if (event.type === 'canarySteered') {
        const { at, actor: by, action, reason } = event;
        return [{ at, by, text: told[action], ...(reason && { reason }) }];
      }
      return [];
    })
    .reverse();
}

function pastOf(promotion: Promotion): CanaryView['past'][number][] {
  const outcome = canaryOutcome(promotion);
  if (!outcome || !('finishedAt' in promotion)) return [];
  const [first] = canariesOf(promotion).flatMap(({ moves }) => moves[0] ?? []);
  const duration: Milliseconds | undefined =
    first && Date.parse(promotion.finishedAt) - Date.parse(first.at);
  return [
    {
      promotion: promotion.id,
      release: releaseRef(promotion.release),
      outcome,
      at: promotion.finishedAt,
      ...(duration !== undefined && { duration }),
      highestWeight: highestWeight(promotion),
      sentence: endedHeadline(promotion, outcome),
    },
  ];
}

const actions: readonly SteeringAction[] = [
  'pause',
  'resume',
  'stepNow',
  'promoteFully',
  'abort',
];

function actionsOf(
  { promotion, targets, withheld }: CanarySituation,
  now: Instant,
): CanaryView['actions'] {
  const runs = Object.values(targets).flatMap(({ state }) =>
    state.canary && state.freshness.state === 'live' ? [state.canary] : [],
  );
  const weight = Math.max(0, ...runs.map(run => run.weight));
  const steering = 'steering' in promotion ? promotion.steering : undefined;
  return actions
    .filter(action => action !== (steering?.paused ? 'pause' : 'resume'))
    .map(action => {
      // Who asks and why is not known yet; only whether it makes sense now.
      const wish = { action, by: '', at: now, reason: '-' };
      const answer = steer(promotion, wish, runs);
      const no = withheld[action];
      const reasons = [
        ...(no ? [no] : []),
        ...(isRefused(answer)
          ? [
              {
                code: answer.code,
                text: `${answer.reason} ${answer.hint}`,
                owners: [...answer.owners],
              },
            ]
          : []),
      ];
      return {
        action,
        allowed: reasons.length === 0,
        reasons,
        consequence: consequence(action, promotion, weight),
      };
    });
}

function consequence(
  action: SteeringAction,
  { replaces, release }: Promotion,
  weight: number,
): string {
  const before = replaces?.version ?? 'the version before';
  switch (action) {
    case 'pause':
      return `${release.version} keeps ${weight} % of the traffic until it is let go on. Evidence against it still takes it back.`;
    case 'resume':
      return `${release.version} goes on as the pipeline says.`;
    case 'stepNow':
      return `${release.version} gets the next share of the traffic at the engine's next look, however short ${weight} % was watched.`;
    case 'promoteFully':
      return `${release.version} takes every step that is left at once and becomes the stable version, without being watched longer. Only evidence against it stops it.`;
    default:
      return `All traffic goes back to ${before} at the engine's next look, and Git follows. Nothing of ${release.version} is left running.`;
  }
}
