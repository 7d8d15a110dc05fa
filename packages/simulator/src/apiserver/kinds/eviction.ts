// SPDX-License-Identifier: Apache-2.0
import { listAt, numberAt, objectAt, textAt, valueAt } from '../objects';
import type { Json, KubeObject } from '../objects';
import { labelSelectorOf } from '../selectors/labelSelector';
import { timestamp } from '../timestamp';
import { internalError, tooManyRequests } from '../status';
import { parseDeleteOptions } from '../writes/DeleteOptions';
import type { SubresourceHandler } from './Subresource';

export const DISRUPTION_BUDGETS = 'policy/v1/poddisruptionbudgets';
export const PODS = 'v1/pods';

/**
 * `POST pods/NAME/eviction`: deletes the pod unless a PodDisruptionBudget
 * forbids it. Healthy pods are counted here, from the pods of the moment. How
 * many are needed is what the disruption controller wrote into the budget's
 * status, or is counted here too where no such controller runs.
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
    const options = parseDeleteOptions(body.deleteOptions, context.parameters);
    if (!options.dryRun) context.replace(asTarget(object, context.now));
    context.delete(options);
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

/** Says in the pod why it goes. */
function asTarget(pod: KubeObject, now: Date): KubeObject {
  const target = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastProbeTime: null,
    lastTransitionTime: timestamp(now),
  };
  const others = listAt(pod, 'status', 'conditions').filter(
    condition => textAt(condition, 'type') !== target.type,
  );
  return {
    ...pod,
    status: { ...objectAt(pod, 'status'), conditions: [...others, target] },
  };
}

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
  const status = objectAt(budget, 'status');
  const isCurrent = status.observedGeneration === budget.metadata.generation;
  const needed = isCurrent
    ? numberAt(status, ['desiredHealthy'], 0)
    : neededHealthy(budget, covered.length);
  const policy = textAt(budget, 'spec', 'unhealthyPodEvictionPolicy');
  if (!isReady(pod) && policy === 'AlwaysAllow') return;
  const failure = syncFailure(budget);
  // A pod that is not ready takes nothing away from a budget that is met.
  const left = isReady(pod) ? healthy - 1 : healthy;
  if (left >= needed && failure === undefined) return;
  const { name } = budget.metadata;
  throw tooManyRequests(
    "Cannot evict pod as it would violate the pod's disruption budget.",
    [
      {
        reason: 'DisruptionBudget',
        message:
          failure === undefined
            ? `The disruption budget ${name} needs ${needed} healthy pods and has ${healthy} currently`
            : `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${failure}`,
      },
    ],
  );
}

/** Why the disruption controller could not tell what a budget allows. */
function syncFailure(budget: KubeObject): string | undefined {
  const failed = listAt(budget, 'status', 'conditions').find(
    condition => textAt(condition, 'reason') === 'SyncFailed',
  );
  return failed === undefined ? undefined : textAt(failed, 'message');
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
