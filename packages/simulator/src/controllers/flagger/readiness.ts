// SPDX-License-Identifier: Apache-2.0
import { conditionOf } from '../runtime/resources';
import type { Deployment } from '../workloads/workloads';

/** Whether a deployment has rolled out. */
export type Readiness =
  | { readonly ready: true }
  | {
      readonly ready: false;
      readonly why: string;
      /** It may become ready by itself. */
      readonly hopeful: boolean;
    };

/**
 * Reads a rollout from a deployment's status.
 *
 * @param deadline - seconds a rollout may stand still
 * @param threshold - share of the updated pods that must be available, in percent
 */
export function readinessOf(
  { metadata, spec, status }: Deployment,
  asked: {
    readonly deadline: number;
    readonly threshold: number;
    readonly now: Date;
  },
): Readiness {
  if ((metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) {
    return waiting(
      'observed deployment generation less than desired generation',
      true,
    );
  }
  const {
    updatedReplicas = 0,
    replicas = 0,
    availableReplicas = 0,
  } = status ?? {};
  const progress = conditionOf(status?.conditions, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') {
    return {
      ready: false,
      why: `deployment "${metadata.name}" exceeded its progress deadline`,
      hopeful: false,
    };
  }
  const available = conditionOf(status?.conditions, 'Available');
  const stuck =
    progress !== undefined &&
    available?.status === 'False' &&
    available.reason === 'MinimumReplicasUnavailable' &&
    Date.parse(available.lastUpdateTime ?? '') + asked.deadline * 1_000 <
      asked.now.getTime();
  const needed = Math.floor((updatedReplicas * asked.threshold) / 100);
  if (spec.replicas !== undefined && updatedReplicas < spec.replicas) {
    return waiting(
      `${updatedReplicas} out of ${spec.replicas} new replicas have been updated`,
      !stuck,
    );
  }
  if (replicas > updatedReplicas) {
    return waiting(
      `${replicas - updatedReplicas} old replicas are pending termination`,
      !stuck,
    );
  }
  if (availableReplicas < needed) {
    return waiting(
      `${availableReplicas} of ${needed} (readyThreshold ${asked.threshold}%) updated replicas are available`,
      !stuck,
    );
  }
  return { ready: true };
}

function waiting(what: string, hopeful: boolean): Readiness {
  return {
    ready: false,
    why: `waiting for rollout to finish: ${what}`,
    hopeful,
  };
}
