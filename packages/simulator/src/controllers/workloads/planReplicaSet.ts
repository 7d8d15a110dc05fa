// SPDX-License-Identifier: Apache-2.0
import { isActive, Pod, readyCondition, ReplicaSet } from './workloads';

/** What to do about a replica set now. */
export interface ReplicaSetPlan {
  /** Pods to create. */
  readonly create: number;
  /** Pods to delete, the most dispensable first. */
  readonly remove: readonly Pod[];
  readonly status: NonNullable<ReplicaSet['status']>;
  /** Milliseconds until a ready pod becomes available. */
  readonly recheckAfter?: number;
}

/** Milliseconds until a pod has been ready long enough; 0 when it has, undefined when it is not ready. */
export function availableIn(
  pod: Pod,
  minReadySeconds: number,
  now: number,
): number | undefined {
  const ready = readyCondition(pod);
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  return Math.max(
    0,
    Date.parse(ready.lastTransitionTime ?? '') + minReadySeconds * 1000 - now,
  );
}

/** Which pod goes first when there are too many: those that do the least, then the youngest. */
function dispensability(pod: Pod): readonly number[] {
  return [
    pod.spec.nodeName ? 1 : 0,
    pod.status?.phase === 'Running' ? 1 : 0,
    readyCondition(pod)?.status === 'True' ? 1 : 0,
    -Date.parse(pod.metadata.creationTimestamp),
  ];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((rank, position) => rank !== b[position]);
  return index < 0 ? 0 : a[index] - b[index];
}

/** The next changes for a replica set and the status to show, from the pods it owns. */
export function planReplicaSet(
  replicaSet: ReplicaSet,
  owned: readonly Pod[],
  now: number,
): ReplicaSetPlan {
  const active = owned.filter(isActive);
  const goal = replicaSet.spec.replicas ?? 1;
  const waits = active.map(pod =>
    availableIn(pod, replicaSet.spec.minReadySeconds ?? 0, now),
  );
  const pending = waits.filter(
    (wait): wait is number => wait !== undefined && wait > 0,
  );
  const surplus = Math.max(0, active.length - goal);
  const ranked = [...active].sort((a, b) =>
    compareRanks(dispensability(a), dispensability(b)),
  );
  const leaving = replicaSet.metadata.deletionTimestamp !== undefined;
  const count = (name: string, value: number) =>
    value > 0 ? { [name]: value } : {};
  return {
    create: leaving ? 0 : Math.max(0, goal - active.length),
    remove: leaving ? [] : ranked.slice(0, surplus),
    status: {
      replicas: active.length,
      ...count('fullyLabeledReplicas', active.length),
      ...count(
        'readyReplicas',
        waits.filter(wait => wait !== undefined).length,
      ),
      ...count('availableReplicas', waits.filter(wait => wait === 0).length),
      observedGeneration: replicaSet.metadata.generation ?? 0,
    },
    ...(pending.length > 0 ? { recheckAfter: Math.min(...pending) } : {}),
  };
}
