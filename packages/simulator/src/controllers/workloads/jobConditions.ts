// SPDX-License-Identifier: Apache-2.0
import { Condition, conditionOf, timestamp } from '../runtime/resources';
import { EventNote } from '../runtime/EventRecorder';
import { Job } from './workloads';

/** How a job ends: first it is said what it comes to, then, when its pods are gone, that it has. */
export interface Ending {
  readonly target: 'SuccessCriteriaMet' | 'FailureTarget';
  readonly reason: string;
  readonly message: string;
}

export const success: Ending = {
  target: 'SuccessCriteriaMet',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};
export const tooManyFailures: Ending = {
  target: 'FailureTarget',
  reason: 'BackoffLimitExceeded',
  message: 'Job has reached the specified backoff limit',
};
export const tooLate: Ending = {
  target: 'FailureTarget',
  reason: 'DeadlineExceeded',
  message: 'Job was active longer than specified deadline',
};

const terminalTypes = {
  SuccessCriteriaMet: 'Complete',
  FailureTarget: 'Failed',
};

function holds(job: Job, type: string): Condition | undefined {
  const condition = conditionOf(job.status?.conditions, type);
  return condition?.status === 'True' ? condition : undefined;
}

/** When a job ended, in milliseconds since the epoch; undefined when it has not. */
export function endOf(job: Job): number | undefined {
  const condition = holds(job, 'Complete') ?? holds(job, 'Failed');
  return condition && Date.parse(condition.lastTransitionTime ?? '');
}

/** The ending that was decided before. */
export function decidedEnding(job: Job): Ending | undefined {
  for (const target of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const { reason = '', message = '' } = holds(job, target) ?? {};
    if (reason) return { target, reason, message };
  }
  return undefined;
}

/** Conditions with one more, or with one in another state. */
export function withCondition(
  conditions: readonly Condition[],
  condition: Condition,
  now: Date,
): readonly Condition[] {
  const before = conditionOf(conditions, condition.type);
  if (before?.status === condition.status) return conditions;
  const when = timestamp(now);
  const changed = {
    ...condition,
    lastProbeTime: when,
    lastTransitionTime: when,
  };
  return before
    ? conditions.map(one => (one === before ? changed : one))
    : [...conditions, changed];
}

/** The condition that says what a job comes to, and the one that it has. */
export function endingConditions({ target, reason, message }: Ending): {
  readonly decided: Condition;
  readonly ended: Condition;
} {
  const decided: Condition = { type: target, status: 'True', reason, message };
  return { decided, ended: { ...decided, type: terminalTypes[target] } };
}

/** What is told of a job that has ended. */
export function endingNote({ target, reason, message }: Ending): EventNote {
  return target === 'SuccessCriteriaMet'
    ? { type: 'Normal', reason: 'Completed', message: 'Job completed' }
    : { type: 'Warning', reason, message };
}
