// SPDX-License-Identifier: Apache-2.0
import { Condition, conditionOf } from '../runtime/resources';
import { rollingLimits } from './planDeployment';
import { Deployment, DeploymentStatus, ReplicaSet } from './workloads';

/** A deadline of this many seconds means that there is none. */
const noDeadline = 2147483647;

interface StatusFacts {
  readonly deployment: Deployment;
  readonly current: ReplicaSet | undefined;
  readonly owned: readonly ReplicaSet[];
  /** Now, as it is written into conditions. */
  readonly now: string;
  /** Now, in milliseconds. */
  readonly nowMs: number;
}

/** The answer of {@link deploymentStatus}. */
export interface StatusAnswer {
  readonly status: DeploymentStatus;
  /** Milliseconds until the progress deadline passes; undefined when none runs. */
  readonly deadlineIn?: number;
}

/** Counts and conditions of a deployment, with the reasons and sentences of the real controller. */
export function deploymentStatus(facts: StatusFacts): StatusAnswer {
  const counts = countReplicas(facts);
  const { condition, deadlineIn } = progressing(facts, counts);
  const conditions = [availability(facts, counts), condition].filter(
    (item): item is Condition => item !== undefined,
  );
  const status: DeploymentStatus = {
    ...Object.fromEntries(
      Object.entries(counts).filter(([, count]) => count !== 0),
    ),
    conditions,
  };
  return { status, ...(deadlineIn === undefined ? {} : { deadlineIn }) };
}

type Counts = Required<Omit<DeploymentStatus, 'conditions'>>;

function countReplicas({ deployment, current, owned }: StatusFacts): Counts {
  const sum = (count: (replicaSet: ReplicaSet) => number | undefined) =>
    owned.reduce((total, replicaSet) => total + (count(replicaSet) ?? 0), 0);
  const availableReplicas = sum(({ status }) => status?.availableReplicas);
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sum(({ status }) => status?.replicas),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sum(({ status }) => status?.readyReplicas),
    availableReplicas,
    unavailableReplicas: Math.max(
      0,
      sum(({ spec }) => spec.replicas ?? 1) - availableReplicas,
    ),
  };
}

function availability(
  { deployment, now }: StatusFacts,
  { availableReplicas }: Counts,
): Condition {
  const minimum =
    (deployment.spec.replicas ?? 1) - rollingLimits(deployment).maxUnavailable;
  const enough = availableReplicas >= minimum;
  return settled(conditionOf(deployment.status?.conditions, 'Available'), {
    type: 'Available',
    status: enough ? 'True' : 'False',
    lastUpdateTime: now,
    lastTransitionTime: now,
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: enough
      ? 'Deployment has minimum availability.'
      : 'Deployment does not have minimum availability.',
  });
}

/** Keeps a condition that says the same, and its transition time while the status stays. */
function settled(previous: Condition | undefined, next: Condition): Condition {
  if (previous?.status !== next.status) return next;
  const same =
    previous.reason === next.reason && previous.message === next.message;
  return same
    ? previous
    : { ...next, lastTransitionTime: previous.lastTransitionTime };
}

function progressing(
  facts: StatusFacts,
  counts: Counts,
): { condition?: Condition; deadlineIn?: number } {
  const { deployment, current, now, nowMs } = facts;
  const previous = conditionOf(deployment.status?.conditions, 'Progressing');
  const deadline = deployment.spec.progressDeadlineSeconds ?? 600;
  if (deadline === noDeadline) return {};
  const say = (
    status: Condition['status'],
    reason: string,
    message: string,
  ): Condition =>
    settled(previous, {
      type: 'Progressing',
      status,
      reason,
      message,
      lastUpdateTime: now,
      lastTransitionTime: now,
    });

  if (deployment.spec.paused) {
    return {
      condition: say('Unknown', 'DeploymentPaused', 'Deployment is paused'),
    };
  }
  if (previous?.reason === 'DeploymentPaused') {
    return {
      condition: say('Unknown', 'DeploymentResumed', 'Deployment is resumed'),
      deadlineIn: deadline * 1000,
    };
  }
  if (!current) return previous ? { condition: previous } : {};
  const name = `ReplicaSet "${current.metadata.name}"`;
  if (isComplete(deployment, counts)) {
    return {
      condition: complete(
        previous,
        say(
          'True',
          'NewReplicaSetAvailable',
          `${name} has successfully progressed.`,
        ),
        name,
      ),
    };
  }
  if (!previous?.message?.includes(`"${current.metadata.name}"`)) {
    // The condition still speaks of another replica set, or of none: a rollout begins.
    return { condition: announced(current, say), deadlineIn: deadline * 1000 };
  }
  if (hasProgressed(deployment.status ?? {}, counts)) {
    const fresh = say('True', 'ReplicaSetUpdated', `${name} is progressing.`);
    // Progress starts the deadline anew, also when reason and status stay the same.
    return {
      condition: {
        ...fresh,
        message: `${name} is progressing.`,
        lastUpdateTime: now,
      },
      deadlineIn: deadline * 1000,
    };
  }
  const deadlineIn =
    Date.parse(previous.lastUpdateTime ?? now) + deadline * 1000 - nowMs;
  if (previous.reason === 'ProgressDeadlineExceeded')
    return { condition: previous };
  if (deadlineIn > 0) return { condition: previous, deadlineIn };
  return {
    condition: say(
      'False',
      'ProgressDeadlineExceeded',
      `${name} has timed out progressing.`,
    ),
  };
}

function announced(
  { metadata, status }: ReplicaSet,
  say: (
    status: Condition['status'],
    reason: string,
    message: string,
  ) => Condition,
): Condition {
  return status?.observedGeneration === undefined
    ? say(
        'True',
        'NewReplicaSetCreated',
        `Created new replica set "${metadata.name}"`,
      )
    : say(
        'True',
        'FoundNewReplicaSet',
        `Found new replica set "${metadata.name}"`,
      );
}

/** A finished rollout keeps its condition, unless another replica set finished since. */
function complete(
  previous: Condition | undefined,
  next: Condition,
  name: string,
): Condition {
  const sameSet =
    previous?.reason === 'NewReplicaSetAvailable' &&
    previous.message?.startsWith(name);
  if (previous && sameSet) return previous;
  return { ...next, message: `${name} has successfully progressed.` };
}

function isComplete(deployment: Deployment, counts: Counts): boolean {
  const goal = deployment.spec.replicas ?? 1;
  return (
    counts.updatedReplicas === goal &&
    counts.replicas === goal &&
    counts.availableReplicas === goal
  );
}

function hasProgressed(before: DeploymentStatus, after: Counts): boolean {
  const olds = (before.replicas ?? 0) - (before.updatedReplicas ?? 0);
  return (
    after.updatedReplicas > (before.updatedReplicas ?? 0) ||
    after.replicas - after.updatedReplicas < olds ||
    after.readyReplicas > (before.readyReplicas ?? 0) ||
    after.availableReplicas > (before.availableReplicas ?? 0)
  );
}
