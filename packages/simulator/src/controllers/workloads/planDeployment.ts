// SPDX-License-Identifier: Apache-2.0
import { timestamp } from '../runtime/resources';
import { deploymentStatus } from './deploymentStatus';
import { sameTemplate } from './templateHash';
import { Deployment, DeploymentStatus, ReplicaSet } from './workloads';

/** The annotation that counts the revisions of a deployment and its replica sets. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** One change the deployment controller makes. */
export type DeploymentAction =
  | {
      readonly kind: 'createReplicaSet';
      readonly revision: number;
      readonly replicas: number;
    }
  | {
      readonly kind: 'scale';
      readonly replicaSet: ReplicaSet;
      readonly replicas: number;
    }
  | {
      readonly kind: 'setRevision';
      readonly replicaSet: ReplicaSet;
      readonly revision: number;
    }
  | { readonly kind: 'setDeploymentRevision'; readonly revision: number }
  | { readonly kind: 'deleteReplicaSet'; readonly replicaSet: ReplicaSet };

/** What to do about a deployment now. */
export interface DeploymentPlan {
  readonly actions: readonly DeploymentAction[];
  readonly status: DeploymentStatus;
  /** Milliseconds until the progress deadline has to be looked at again. */
  readonly recheckAfter?: number;
}

/** How far a rolling update may go above and below the wanted count. */
export interface RollingLimits {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

function share(
  value: number | string | undefined,
  replicas: number,
  round: (part: number) => number,
): number {
  if (typeof value === 'number') return value;
  const match = /^(\d+)%$/.exec(value ?? '25%');
  return match ? round((Number(match[1]) * replicas) / 100) : 0;
}

/** The limits of a rolling update: surge rounds up, unavailable down, never both zero. */
export function rollingLimits(deployment: Deployment): RollingLimits {
  const replicas = deployment.spec.replicas ?? 1;
  if (deployment.spec.strategy?.type === 'Recreate')
    return { maxSurge: 0, maxUnavailable: 0 };
  const settings = deployment.spec.strategy?.rollingUpdate;
  const maxSurge = share(settings?.maxSurge, replicas, Math.ceil);
  const maxUnavailable = Math.min(
    share(settings?.maxUnavailable, replicas, Math.floor),
    replicas,
  );
  return {
    maxSurge,
    maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable,
  };
}

/** The revision an object carries; 0 when it carries none. */
export function revisionOf(object: Deployment | ReplicaSet): number {
  return Number(object.metadata.annotations?.[revisionAnnotation] ?? 0);
}

function wanted(replicaSet: ReplicaSet): number {
  return replicaSet.spec.replicas ?? 1;
}

function available(replicaSet: ReplicaSet): number {
  return replicaSet.status?.availableReplicas ?? 0;
}

function total(
  replicaSets: readonly ReplicaSet[],
  count: (replicaSet: ReplicaSet) => number,
): number {
  return replicaSets.reduce((sum, replicaSet) => sum + count(replicaSet), 0);
}

/** Oldest first; creation times have whole seconds, so the revision breaks ties. */
function byAge(a: ReplicaSet, b: ReplicaSet): number {
  return (
    a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp) ||
    revisionOf(a) - revisionOf(b)
  );
}

/** The replica set of the deployment's present template. */
export function newReplicaSet(
  deployment: Deployment,
  owned: readonly ReplicaSet[],
): ReplicaSet | undefined {
  return [...owned]
    .sort(byAge)
    .find(({ spec }) => sameTemplate(spec.template, deployment.spec.template));
}

/**
 * The next changes for a deployment and the status to show, from the deployment
 * and the replica sets it owns. One scaling at a time: the next one is decided
 * when its result has been seen.
 */
export function planDeployment(
  deployment: Deployment,
  owned: readonly ReplicaSet[],
  now: Date,
): DeploymentPlan {
  const current = newReplicaSet(deployment, owned);
  const old = owned.filter(replicaSet => replicaSet !== current).sort(byAge);
  const actions = deployment.spec.paused
    ? scaleTogether(deployment, owned)
    : [
        ...revisions(deployment, current, old),
        ...rollout(deployment, current, old),
      ];
  const { status, deadlineIn } = deploymentStatus({
    deployment,
    current,
    owned,
    now: timestamp(now),
    nowMs: now.getTime(),
  });
  const done =
    status.updatedReplicas === status.replicas &&
    (status.replicas ?? 0) === (deployment.spec.replicas ?? 1);
  const cleanup =
    done && !deployment.spec.paused ? historyBeyondLimit(deployment, old) : [];
  return {
    actions: [...actions, ...cleanup],
    status,
    ...(deadlineIn === undefined ? {} : { recheckAfter: deadlineIn }),
  };
}

function revisions(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): readonly DeploymentAction[] {
  if (!current) return [];
  const newest = Math.max(0, ...old.map(revisionOf));
  const revision = Math.max(revisionOf(current), newest + 1);
  const actions: DeploymentAction[] = [];
  if (revisionOf(current) !== revision)
    actions.push({ kind: 'setRevision', replicaSet: current, revision });
  if (revisionOf(deployment) !== revision)
    actions.push({ kind: 'setDeploymentRevision', revision });
  return actions;
}

function rollout(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): readonly DeploymentAction[] {
  const recreate = deployment.spec.strategy?.type === 'Recreate';
  if (recreate) {
    const running = old.filter(replicaSet => wanted(replicaSet) > 0);
    if (running.length > 0)
      return running.map(replicaSet => ({
        kind: 'scale',
        replicaSet,
        replicas: 0,
      }));
    if (total(old, replicaSet => replicaSet.status?.replicas ?? 0) > 0)
      return [];
  }
  const replicas = nextNewReplicas(deployment, current, old, recreate);
  if (!current) {
    const revision = Math.max(0, ...old.map(revisionOf)) + 1;
    return [{ kind: 'createReplicaSet', revision, replicas }];
  }
  if (replicas !== wanted(current))
    return [{ kind: 'scale', replicaSet: current, replicas }];
  return recreate ? [] : scaleDownOld(deployment, current, old);
}

function nextNewReplicas(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  recreate: boolean,
): number {
  const goal = deployment.spec.replicas ?? 1;
  const present = current ? wanted(current) : 0;
  if (recreate || present >= goal) return goal;
  const room =
    goal + rollingLimits(deployment).maxSurge - present - total(old, wanted);
  return present + Math.max(0, Math.min(room, goal - present));
}

/** First pods that do not work anyway, then as many as the minimum of available ones allows; oldest first. */
function scaleDownOld(
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): readonly DeploymentAction[] {
  const minimum =
    (deployment.spec.replicas ?? 1) - rollingLimits(deployment).maxUnavailable;
  const newUnavailable = wanted(current) - available(current);
  let budget = total([...old, current], wanted) - minimum - newUnavailable;
  if (budget <= 0) return [];
  const target = new Map(
    old.map(replicaSet => [replicaSet, wanted(replicaSet)]),
  );
  for (const replicaSet of old) {
    const unhealthy = Math.max(0, wanted(replicaSet) - available(replicaSet));
    const taken = Math.min(unhealthy, budget);
    target.set(replicaSet, wanted(replicaSet) - taken);
    budget -= taken;
  }
  let spare = total([...old, current], available) - minimum;
  for (const replicaSet of old) {
    const left = target.get(replicaSet) ?? 0;
    const taken = Math.max(0, Math.min(left, spare));
    target.set(replicaSet, left - taken);
    spare -= taken;
  }
  return old
    .filter(replicaSet => target.get(replicaSet) !== wanted(replicaSet))
    .map(replicaSet => ({
      kind: 'scale',
      replicaSet,
      replicas: target.get(replicaSet) ?? 0,
    }));
}

/** A paused deployment is not rolled out, but it can be scaled. */
function scaleTogether(
  deployment: Deployment,
  owned: readonly ReplicaSet[],
): readonly DeploymentAction[] {
  const active = owned.filter(replicaSet => wanted(replicaSet) > 0);
  const goal = deployment.spec.replicas ?? 1;
  const [only] = active;
  if (active.length !== 1 || wanted(only) === goal) return [];
  return [{ kind: 'scale', replicaSet: only, replicas: goal }];
}

function historyBeyondLimit(
  deployment: Deployment,
  old: readonly ReplicaSet[],
): readonly DeploymentAction[] {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const removable = old.filter(
    ({ spec, status, metadata }) =>
      spec.replicas === 0 && !status?.replicas && !metadata.deletionTimestamp,
  );
  return [...removable]
    .sort((a, b) => revisionOf(a) - revisionOf(b))
    .slice(0, Math.max(0, removable.length - limit))
    .map(replicaSet => ({ kind: 'deleteReplicaSet', replicaSet }));
}
