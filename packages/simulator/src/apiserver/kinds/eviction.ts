// SPDX-License-Identifier: Apache-2.0
import { listAt, objectAt, textAt, valueAt } from '../objects';
import type { Json, KubeObject } from '../objects';
import { labelSelectorOf } from '../selectors/labelSelector';
import { internalError, tooManyRequests } from '../status';
import { parseDeleteOptions } from '../writes/DeleteOptions';
import type { SubresourceHandler } from './Subresource';

export const DISRUPTION_BUDGETS = 'policy/v1/poddisruptionbudgets';
export const PODS = 'v1/pods';

/**
 * `POST pods/NAME/eviction`: deletes the pod unless a PodDisruptionBudget
 * forbids it. The budget is counted here, from the pods of the moment; there
 * is no controller that writes it into the budget's status.
 */
export const eviction: SubresourceHandler = {
  kind: 'Eviction',
  group: 'policy',
  version: 'v1',
  verbs: ['create'],
  create(context, body) {
    const { object } = context;
    const namespace = object.metadata.namespace ?? '';
    const budgets = context
      .objects(DISRUPTION_BUDGETS, namespace)
      .filter(budget => covers(budget, object));
    if (budgets.length > 1) {
      throw internalError(
        `This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.`,
      );
    }
    if (budgets[0] && hasStarted(object)) {
      mustAllow(budgets[0], object, context.objects(PODS, namespace));
    }
    context.delete(parseDeleteOptions(body.deleteOptions, context.parameters));
    return {
      kind: 'object',
      code: 201,
      body: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        code: 201,
      },
    };
  },
};

function covers(budget: KubeObject, pod: KubeObject): boolean {
  return labelSelectorOf(objectAt(budget, 'spec').selector)(
    pod.metadata.labels ?? {},
  );
}

/** Pods that never ran, have ended or are ending are evicted freely. */
function hasStarted(pod: KubeObject): boolean {
  const phase = textAt(pod, 'status', 'phase');
  return phase === 'Running' && !pod.metadata.deletionTimestamp;
}

function mustAllow(
  budget: KubeObject,
  pod: KubeObject,
  pods: readonly KubeObject[],
): void {
  const covered = pods.filter(candidate => covers(budget, candidate));
  const healthy = covered.filter(
    candidate => isReady(candidate) && !candidate.metadata.deletionTimestamp,
  ).length;
  const needed = neededHealthy(budget, covered.length);
  // A pod that is not ready takes nothing away from a budget that is met.
  const left = isReady(pod) ? healthy - 1 : healthy;
  if (left >= needed) return;
  throw tooManyRequests(
    "Cannot evict pod as it would violate the pod's disruption budget.",
    [
      {
        reason: 'DisruptionBudget',
        message: `The disruption budget ${budget.metadata.name} needs ${needed} healthy pods and has ${healthy} currently`,
      },
    ],
  );
}

function isReady(pod: KubeObject): boolean {
  return listAt(pod, 'status', 'conditions').some(
    condition =>
      textAt(condition, 'type') === 'Ready' &&
      textAt(condition, 'status') === 'True',
  );
}

function neededHealthy(budget: KubeObject, expected: number): number {
  const maxUnavailable = valueAt(budget, ['spec', 'maxUnavailable']);
  if (maxUnavailable !== undefined) {
    return Math.max(0, expected - scaled(maxUnavailable, expected));
  }
  return scaled(valueAt(budget, ['spec', 'minAvailable']) ?? 1, expected);
}

/** A number, or a percentage rounded up. */
function scaled(value: Json, total: number): number {
  const text = String(value);
  return text.endsWith('%')
    ? Math.ceil((Number(text.slice(0, -1)) * total) / 100)
    : Number(text);
}
