// SPDX-License-Identifier: Apache-2.0
import { conditionOf, matchesLabels, timestamp } from '../runtime/resources';
import { meets } from './nodeAffinity';
import {
  DisruptionBudget,
  DisruptionBudgetStatus,
  Pod,
  readyCondition,
} from './workloads';

/** How many pods the owners of the covered pods want, or why nobody knows. */
export type ExpectedScale =
  | { readonly kind: 'known'; readonly pods: number }
  | { readonly kind: 'unknown'; readonly message: string };

/** Whether a budget covers a pod of its namespace. One without a selector covers none. */
export function coversPod(
  { spec: { selector } }: DisruptionBudget,
  { metadata: { labels = {} } }: Pod,
): boolean {
  return (
    selector !== undefined &&
    matchesLabels(selector.matchLabels, labels) &&
    (selector.matchExpressions ?? []).every(one => meets(one, labels))
  );
}

/** A number, or a share rounded up. */
function scaled(value: number | string, total: number): number {
  return typeof value === 'number'
    ? value
    : Math.ceil((Number(value.replace('%', '')) * total) / 100);
}

/** How many pods there should be and how many of them have to be healthy. */
function demandOf(
  { spec }: DisruptionBudget,
  covered: number,
  scale: ExpectedScale,
): { readonly expected: number; readonly desired: number } | string {
  const { minAvailable, maxUnavailable } = spec;
  if (maxUnavailable === undefined && typeof minAvailable !== 'string')
    return { expected: covered, desired: minAvailable ?? 0 };
  if (scale.kind === 'unknown') return scale.message;
  const expected = scale.pods;
  const desired =
    maxUnavailable === undefined
      ? scaled(minAvailable ?? 0, expected)
      : Math.max(0, expected - scaled(maxUnavailable, expected));
  return { expected, desired };
}

/** The status of a budget, from the pods it covers and the scale of their owners. */
export function planDisruptionBudget(
  budget: DisruptionBudget,
  covered: readonly Pod[],
  scale: ExpectedScale,
  now: Date,
): DisruptionBudgetStatus {
  const demand = demandOf(budget, covered.length, scale);
  const before = budget.status ?? {
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
    disruptionsAllowed: 0,
  };
  if (typeof demand === 'string')
    return {
      ...before,
      disruptionsAllowed: 0,
      conditions: conditions(budget, 'SyncFailed', demand, now),
    };
  const healthy = covered.filter(
    pod =>
      pod.metadata.deletionTimestamp === undefined &&
      readyCondition(pod)?.status === 'True',
  ).length;
  const { expected, desired } = demand;
  const allowed = expected > 0 ? Math.max(0, healthy - desired) : 0;
  return {
    observedGeneration: budget.metadata.generation ?? 0,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    disruptionsAllowed: allowed,
    conditions: conditions(
      budget,
      allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
      '',
      now,
    ),
  };
}

function conditions(
  { metadata, status }: DisruptionBudget,
  reason: 'SufficientPods' | 'InsufficientPods' | 'SyncFailed',
  message: string,
  now: Date,
): DisruptionBudgetStatus['conditions'] {
  const type = 'DisruptionAllowed';
  const before = conditionOf(status?.conditions, type);
  const value = reason === 'SufficientPods' ? 'True' : 'False';
  const others = (status?.conditions ?? []).filter(one => one !== before);
  return [
    ...others,
    {
      type,
      status: value,
      reason,
      message,
      observedGeneration: metadata.generation ?? 0,
      lastTransitionTime:
        before?.status === value ? before.lastTransitionTime : timestamp(now),
    },
  ];
}
