// SPDX-License-Identifier: Apache-2.0
import { timestamp } from '../runtime/resources';
import {
  EdgeJobScope,
  EdgeJobStatus,
  NodeAction,
  NodeTask,
} from './jobObjects';

/** What comes of a step of a job on a node. */
export type StepOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Nothing yet: people have to agree first. */
  | { readonly kind: 'waiting' };

/** One step of a job on a node. */
export interface EdgeStep {
  readonly action: string;
  /** Milliseconds until the outcome is known. */
  readonly duration: number;
  readonly outcome: () => StepOutcome;
}

/** A selected node, as the planner sees it. */
export interface EdgeJobNode {
  readonly name: string;
  /** Why the job can not begin there; undefined when it can. */
  readonly obstacle?: string;
  /** Whether what happens there can be heard of. */
  readonly isConnected: boolean;
  /** What the job does there, in order. */
  readonly steps: readonly EdgeStep[];
  /** What follows a step that has failed, for example `RollBack`. */
  readonly afterFailure?: string;
  /** What its task adds when it ends well, or badly. */
  readonly factsOfSuccess?: Partial<NodeTask>;
  readonly factsOfFailure?: Partial<NodeTask>;
}

/** When a job was met first, and when its nodes took their last steps, in milliseconds since the epoch. */
export interface JobTimes {
  readonly began: number;
  readonly steps: ReadonlyMap<string, number>;
}

/** The next status of a job. */
export interface EdgeJobPlan {
  readonly status: EdgeJobStatus;
  readonly times: JobTimes;
  /** Milliseconds until something is due; undefined when nothing is. */
  readonly after?: number;
}

const waitForPeople = 1_000;
const waitForNetwork = 1_000;

function begin(
  { nodeNames, labelSelector }: EdgeJobScope,
  nodes: readonly EdgeJobNode[],
): EdgeJobStatus {
  const refused = (reason: string) => ({ phase: 'Failure', reason } as const);
  const hasNames = (nodeNames ?? []).length > 0;
  if (hasNames && labelSelector)
    return refused(
      'nodeNames and nodeSelector cannot be specified at the same time',
    );
  if (!hasNames && !labelSelector)
    return refused('nodeNames and nodeSelector cannot both be empty');
  if (nodes.length === 0) return refused('no nodes were matched with selector');
  return {
    phase: 'Init',
    nodeStatus: nodes.map(
      ({ name: nodeName, obstacle }): NodeTask =>
        obstacle
          ? { nodeName, phase: 'Failure', reason: obstacle }
          : { nodeName, phase: 'Pending' },
    ),
  };
}

interface Progress {
  readonly task: NodeTask;
  readonly step: number;
  readonly after: number;
}

/** What the next look at a task in progress finds. */
function progress(
  task: NodeTask,
  node: EdgeJobNode,
  step: number,
  now: number,
): Progress {
  const stay = (after: number) => ({ task, step, after });
  if (!node.isConnected) return stay(waitForNetwork);
  const flow = task.actionFlow ?? [];
  const next = node.steps[flow.length];
  if (!next) return { task, step, after: Infinity };
  const left = step + next.duration - now;
  if (left > 0) return stay(left);
  const outcome = next.outcome();
  if (outcome.kind === 'waiting') return stay(waitForPeople);
  const time = timestamp(new Date(now));
  const told: NodeAction = {
    action: next.action,
    status: outcome.kind === 'done' ? 'True' : 'False',
    ...(outcome.kind === 'failed' ? { reason: outcome.reason } : {}),
    time,
  };
  if (outcome.kind === 'failed') {
    const { afterFailure } = node;
    const undone: readonly NodeAction[] =
      afterFailure && flow.length > 0
        ? [{ action: afterFailure, status: 'True', time }]
        : [];
    return {
      task: {
        ...task,
        ...node.factsOfFailure,
        phase: 'Failure',
        reason: outcome.reason,
        actionFlow: [...flow, told, ...undone],
      },
      step: now,
      after: Infinity,
    };
  }
  const actionFlow = [...flow, told];
  const isLast = actionFlow.length === node.steps.length;
  return isLast
    ? {
        task: {
          ...task,
          ...node.factsOfSuccess,
          phase: 'Successful',
          actionFlow,
        },
        step: now,
        after: Infinity,
      }
    : {
        task: { ...task, actionFlow },
        step: now,
        after: node.steps[actionFlow.length].duration,
      };
}

/** What a job says when no node is left: failures are counted in the end only, in hundredths. */
function conclude(
  tasks: readonly NodeTask[],
  { failureTolerate = '0' }: EdgeJobScope,
): EdgeJobStatus {
  const failed = tasks.filter(
    ({ phase }) => phase === 'Failure' || phase === 'Unknown',
  ).length;
  const tolerated = Number(failureTolerate) || 0;
  const share = Math.round((100 * failed) / tasks.length) / 100;
  if (failed === 0 || share <= tolerated)
    return { phase: 'Completed', nodeStatus: tasks };
  return {
    phase: 'Failure',
    reason: `the number of failed nodes is ${failed}/${tasks.length}, which exceeds the failure tolerance threshold`,
    nodeStatus: tasks,
  };
}

const isOpen = ({ phase }: NodeTask) =>
  phase === 'Pending' || phase === 'InProgress';

/**
 * The next state of a job. First all nodes are looked at, then as many as the
 * concurrency allows are worked on, until none is left. The timeout counts from
 * a node's last step and, before its first, from the beginning of the job: it
 * meets also nodes whose turn has not come. A node that was not ready in the
 * beginning is not tried again.
 */
export function planEdgeJob(
  scope: EdgeJobScope,
  status: EdgeJobStatus,
  nodes: readonly EdgeJobNode[],
  times: JobTimes,
  now: number,
): EdgeJobPlan {
  if (status.phase === 'Completed' || status.phase === 'Failure')
    return { status, times };
  if (!status.phase) return { status: begin(scope, nodes), times, after: 0 };

  const known = new Map(nodes.map(node => [node.name, node]));
  const steps = new Map(times.steps);
  const timeout = scope.timeoutSeconds
    ? scope.timeoutSeconds * 1_000
    : Infinity;
  let after = Infinity;
  const advance = (task: NodeTask): NodeTask => {
    if (!isOpen(task)) return task;
    const name = task.nodeName;
    const acted = task.actionFlow ? steps.get(name) : undefined;
    const deadline = (acted ?? times.began) + timeout;
    if (now > deadline)
      return {
        ...task,
        phase: 'Unknown',
        reason: 'The node task has timed out',
      };
    after = Math.min(after, deadline - now + 1);
    const node = known.get(name);
    if (task.phase === 'Pending' || !node) return task;
    const moved = progress(task, node, steps.get(name) ?? now, now);
    steps.set(name, moved.step);
    after = Math.min(after, moved.after);
    return moved.task;
  };
  const moved = (status.nodeStatus ?? []).map(advance);
  const nextTimes = { ...times, steps };
  if (!moved.some(isOpen))
    return { status: conclude(moved, scope), times: nextTimes };
  const running = moved.filter(({ phase }) => phase === 'InProgress').length;
  const free = Math.max(0, (scope.concurrency || 1) - running);
  const starting = new Set(
    moved
      .filter(({ phase }) => phase === 'Pending')
      .slice(0, free)
      .map(({ nodeName }) => nodeName),
  );
  for (const name of starting) {
    steps.set(name, now);
    after = Math.min(after, known.get(name)?.steps[0]?.duration ?? 0);
  }
  const nodeStatus = moved.map(task =>
    starting.has(task.nodeName)
      ? ({ ...task, phase: 'InProgress' } as const)
      : task,
  );
  return {
    status: { phase: 'InProgress', nodeStatus },
    times: nextTimes,
    ...(after === Infinity ? {} : { after }),
  };
}
