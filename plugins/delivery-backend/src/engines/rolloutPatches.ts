// SPDX-License-Identifier: Apache-2.0
import {
  isUnobserved,
  pauseNameOf,
  type EngineOrder,
  type ObservedRollout,
} from '@causeway/plugin-delivery-common';
import type { EnginePatch } from '@causeway/plugin-delivery-node';
import { trimRollout } from './trimRollout';

/**
 * What `kubectl argo rollouts` writes for the same wish (argo-rollouts v1.8.5,
 * `pkg/kubectl-argo-rollouts/cmd`):
 *
 * | order          | command          | written                                                     |
 * | -------------- | ---------------- | ----------------------------------------------------------- |
 * | `pause`        | `pause`          | `spec.paused: true`                                         |
 * | `resume`       | `promote`        | `spec.paused: false`                                        |
 * | `goOn`         | `promote`        | `status.pauseConditions: null`                              |
 * | `promoteFully` | `promote --full` | `status.promoteFull: true`                                  |
 * | `abort`        | `abort`          | `status.abort: true`                                        |
 * | `retry`        | `retry rollout`  | `status.abort: false`                                       |
 *
 * After a step whose analysis could not be decided, `goOn` also takes the next step, as `promote`
 * does. A Rollout that is stopped is let move before it is given up: while `spec.paused` is set, the
 * controller scales nothing, so that the pods of the version given up would go on serving
 * (`haltProgress` in `rollout/context.go`).
 *
 * @param object - the Rollout as the cluster has it now
 */
export function rolloutPatches(
  order: EngineOrder,
  object: unknown,
): readonly EnginePatch[] | 'overtaken' {
  const rollout = trimRollout(object);
  if (!rollout || rollout.currentPodHash !== order.revision) return 'overtaken';
  const { paused, aborted, promoteFull, currentPodHash, stableHash } = rollout;
  switch (order.kind) {
    case 'pause':
      return paused ? [] : [stopped(true)];
    case 'resume':
      return paused ? [stopped(false)] : [];
    default:
  }
  // What the controller has not seen yet may be another version.
  if (isUnobserved(rollout) || currentPodHash === stableHash)
    return 'overtaken';
  switch (order.kind) {
    case 'goOn':
      return pauseNameOf(rollout) === order.pause
        ? [status(leavePause(rollout))]
        : 'overtaken';
    case 'promoteFully':
      return promoteFull ? [] : [status({ promoteFull: true })];
    case 'abort':
      return [
        ...(paused ? [stopped(false)] : []),
        ...(aborted ? [] : [status({ abort: true })]),
      ];
    default:
      return aborted ? [status({ abort: false })] : 'overtaken';
  }
}

function stopped(paused: boolean): EnginePatch {
  return { body: { spec: { paused } } };
}

function status(body: EnginePatch['body']): EnginePatch {
  return { subresource: 'status', body: { status: body } };
}

function leavePause({
  stepInconclusive,
  controllerPause,
  currentStepIndex = 0,
  strategy,
}: ObservedRollout): EnginePatch['body'] {
  if (!stepInconclusive || !controllerPause || strategy.kind !== 'canary')
    return { pauseConditions: null };
  return {
    pauseConditions: null,
    controllerPause: false,
    currentStepIndex: Math.min(currentStepIndex + 1, strategy.steps.length),
  };
}
