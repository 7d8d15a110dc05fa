// SPDX-License-Identifier: Apache-2.0
import { speakingTargets } from '../cluster/speakingTargets';
import type { State } from '../api/views';
import type { Freshness } from '../cluster/freshness';
import type { TargetState } from '../cluster/targetState';
import type { PromotionInView } from './situation';
import { promotionState } from './promotionView';

/**
 * The headline of a stage with targets, worst first: what can not be believed, then what moves, then
 * how what runs is. What is not live speaks in the past tense and is never green. A promotion that
 * only waits does not change what runs, so it does not change the headline.
 */
export function stageState(stage: {
  readonly targets: readonly TargetState[];
  readonly active?: PromotionInView;
  readonly last?: PromotionInView;
}): State {
  const targets = speakingTargets(stage.targets);
  const unseen = unseenState(targets);
  if (unseen) return unseen;
  const { active } = stage;
  if (active && active.promotion.phase !== 'waiting') {
    return promotionState(active.promotion, active.unmet, false);
  }
  return (
    fluxState(targets) ??
    workloadState(targets, stage.last) ?? { key: 'ok', word: 'Healthy' }
  );
}

function unseenState(targets: readonly TargetState[]): State | undefined {
  for (const state of ['forbidden', 'unreachable', 'stale', 'never'] as const) {
    const unseen = targets.filter(target => target.freshness.state === state);
    if (unseen.length > 0) {
      return describeUnseen(state, unseen, targets);
    }
  }
  return undefined;
}

function describeUnseen(
  state: Exclude<Freshness['state'], 'live'>,
  unseen: readonly TargetState[],
  targets: readonly TargetState[],
): State {
  const clusters = Array.from(
    new Set(unseen.map(target => target.target.cluster)),
  ).join(', ');
  const detail = `${clusters}: ${problemOf(unseen[0].freshness)}`;
  switch (state) {
    case 'forbidden':
      return { key: 'lock', word: 'No access', detail };
    case 'unreachable':
      return { key: 'bad', word: 'Unreachable', detail };
    case 'stale':
      return { key: 'stale', word: pastWord(targets), detail };
    default:
      return { key: 'never', word: 'Never seen', detail };
  }
}

function problemOf(freshness: Freshness): string {
  if (freshness.state === 'live') return '';
  return freshness.problem ?? 'nothing was heard from it yet.';
}

/** What the last word was, as something that was. */
function pastWord(targets: readonly TargetState[]): string {
  const healths = targets.map(target => target.workload?.health ?? 'missing');
  if (healths.includes('degraded')) return 'Was degraded';
  if (healths.includes('missing')) return 'Was not there';
  if (healths.includes('progressing')) return 'Was rolling out';
  return 'Was healthy';
}

function fluxState(targets: readonly TargetState[]): State | undefined {
  const suspended = targets.find(
    target => target.flux?.suspended || target.flux?.source?.suspended,
  );
  if (suspended) {
    return {
      key: 'hold',
      word: 'Held',
      detail: `Flux is suspended for ${nameOf(
        suspended,
      )}; nothing new is applied.`,
    };
  }
  const failing = targets.find(
    target =>
      target.flux?.stalled !== undefined ||
      target.flux?.ready === 'False' ||
      target.flux?.source?.ready === 'False',
  );
  if (!failing) return undefined;
  const { flux } = failing;
  const message =
    flux?.stalled ??
    (flux?.source?.ready === 'False' ? flux.source.message : flux?.message);
  return {
    key: 'warn',
    word: 'Flux fails',
    detail: `${nameOf(failing)}: ${message ?? 'no reason was given.'}`,
  };
}

function workloadState(
  targets: readonly TargetState[],
  last: PromotionInView | undefined,
): State | undefined {
  const of = (health: 'degraded' | 'missing' | 'progressing') =>
    targets.filter(target => (target.workload?.health ?? 'missing') === health);
  const [degraded] = of('degraded');
  if (degraded) return described('warn', 'Degraded', degraded);
  const missing = of('missing');
  if (missing.length === targets.length) {
    return { key: 'never', word: 'Never deployed' };
  }
  if (missing.length > 0)
    return described('warn', 'Partly missing', missing[0]);
  const [progressing] = of('progressing');
  if (progressing) return described('run', 'Rolling out', progressing);
  if (last?.promotion.phase === 'failed') {
    return {
      key: 'warn',
      word:
        last.promotion.kind === 'rollback'
          ? 'Rollback failed'
          : 'Promotion failed',
      detail: `${last.promotion.release.version}: ${last.promotion.problem.message}`,
    };
  }
  const wasTakenBack =
    last?.promotion.kind === 'rollback' && last.promotion.phase === 'succeeded';
  return wasTakenBack ? { key: 'back', word: 'Rolled back' } : undefined;
}

function described(
  key: State['key'],
  word: string,
  target: TargetState,
): State {
  const message = target.workload?.message;
  return {
    key,
    word,
    detail: message ? `${nameOf(target)}: ${message}` : nameOf(target),
  };
}

function nameOf(target: TargetState): string {
  return `${target.target.workload.name} in ${target.target.cluster}`;
}
