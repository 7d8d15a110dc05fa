// SPDX-License-Identifier: Apache-2.0
import { EventNote } from '../runtime/EventRecorder';
import { Condition, conditionOf, timestamp } from '../runtime/resources';
import {
  decidedEnding,
  Ending,
  endingConditions,
  endingNote,
  endOf,
  success,
  tooLate,
  tooManyFailures,
  withCondition,
} from './jobConditions';
import { restartsOf } from './podLife';
import {
  isActive,
  Job,
  JobStatus,
  Pod,
  readyCondition,
  UncountedPods,
} from './workloads';

/** Keeps a pod of a job until the job has counted it. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

const firstBackoff = 10_000;
const longestBackoff = 600_000;

/** What to do about a job now. */
export interface JobPlan {
  /** Pods to create. */
  readonly create: number;
  /** Pods to delete. */
  readonly remove: readonly Pod[];
  /** Pods that are counted, or will never be: their finalizers are to be taken off. */
  readonly release: readonly Pod[];
  readonly status: JobStatus;
  readonly note?: EventNote;
  /** Whether the job has outlived its time to live. */
  readonly isExpired: boolean;
  /** Milliseconds until the job has to be looked at again. */
  readonly recheckAfter?: number;
}

/** Whether a pod waits to be counted by its job. */
export const isTracked = ({ metadata }: Pod) =>
  metadata.finalizers?.includes(trackingFinalizer) ?? false;
const isLeaving = ({ metadata }: Pod) =>
  metadata.deletionTimestamp !== undefined;
const hasSucceeded = ({ status }: Pod) => status?.phase === 'Succeeded';
const hasFailed = (pod: Pod) =>
  pod.status?.phase === 'Failed' || (isLeaving(pod) && !hasSucceeded(pod));

/** Counts so far, with those that can be counted for good now. */
interface Tally {
  /** Counted for good. */
  readonly counted: { readonly succeeded: number; readonly failed: number };
  readonly uncounted: Required<UncountedPods>;
  /** Pods that the stored status has noted as ended. */
  readonly noted: readonly Pod[];
}

/**
 * A pod that has ended is first noted in the status, then let go, then counted:
 * so none is lost and none is counted twice, wherever the controller stops.
 */
function tally({ status = {} }: Job, owned: readonly Pod[]): Tally {
  const before = status.uncountedTerminatedPods ?? {};
  const tracked = owned.filter(isTracked);
  const present = new Set(tracked.map(({ metadata }) => metadata.uid));
  const known = [...(before.succeeded ?? []), ...(before.failed ?? [])];
  const gone = (uids: readonly string[] = []) =>
    uids.filter(uid => !present.has(uid)).length;
  const still = (uids: readonly string[] = []) =>
    uids.filter(uid => present.has(uid));
  const fresh = (has: (pod: Pod) => boolean) =>
    tracked
      .filter(pod => has(pod) && !known.includes(pod.metadata.uid))
      .map(({ metadata }) => metadata.uid);
  return {
    counted: {
      succeeded: (status.succeeded ?? 0) + gone(before.succeeded),
      failed: (status.failed ?? 0) + gone(before.failed),
    },
    uncounted: {
      succeeded: [...still(before.succeeded), ...fresh(hasSucceeded)],
      failed: [...still(before.failed), ...fresh(hasFailed)],
    },
    noted: tracked.filter(({ metadata }) => known.includes(metadata.uid)),
  };
}

function endedAt(pod: Pod): number {
  const ends = (pod.status?.containerStatuses ?? []).flatMap(({ state }) => {
    const { terminated } = state as { terminated?: { finishedAt?: string } };
    return terminated?.finishedAt ?? [];
  });
  const [last] = ends.sort().reverse();
  const fallback =
    readyCondition(pod)?.lastTransitionTime ??
    pod.metadata.deletionTimestamp ??
    pod.metadata.creationTimestamp;
  return Date.parse(last ?? fallback);
}

/** Milliseconds until a failed pod may be replaced: the pause doubles with each failure in a row. */
export function backoffLeft(owned: readonly Pod[], now: number): number {
  const lastSuccess = Math.max(0, ...owned.filter(hasSucceeded).map(endedAt));
  const failures = owned
    .filter(pod => pod.status?.phase === 'Failed')
    .map(endedAt)
    .filter(end => end > lastSuccess);
  if (failures.length === 0) return 0;
  const pause = Math.min(
    firstBackoff * 2 ** (failures.length - 1),
    longestBackoff,
  );
  return Math.max(0, Math.max(...failures) + pause - now);
}

/** What can be told of a job that has not ended. */
interface JobFacts {
  readonly job: Job;
  readonly owned: readonly Pod[];
  readonly tally: Tally;
  readonly succeeded: number;
  readonly failed: number;
  readonly active: readonly Pod[];
  /** Pods that are being deleted and have not ended yet. */
  readonly leaving: readonly Pod[];
  readonly started: string | undefined;
  /** In milliseconds since the epoch; `Infinity` when there is none. */
  readonly deadline: number;
  readonly now: Date;
}

function factsOf(job: Job, owned: readonly Pod[], now: Date): JobFacts {
  const { suspend, activeDeadlineSeconds } = job.spec;
  const tallied = tally(job, owned);
  const { counted, uncounted } = tallied;
  const started = suspend ? undefined : job.status?.startTime ?? timestamp(now);
  return {
    job,
    owned,
    now,
    started,
    tally: tallied,
    succeeded: counted.succeeded + uncounted.succeeded.length,
    failed: counted.failed + uncounted.failed.length,
    active: owned.filter(isActive),
    leaving: owned.filter(
      pod =>
        isLeaving(pod) && !hasSucceeded(pod) && pod.status?.phase !== 'Failed',
    ),
    deadline:
      started === undefined || activeDeadlineSeconds === undefined
        ? Infinity
        : Date.parse(started) + activeDeadlineSeconds * 1000,
  };
}

function hasTooManyFailures({ job, failed, active }: JobFacts): boolean {
  const { backoffLimit = 6, template } = job.spec;
  if (failed > backoffLimit) return true;
  if (template.spec.restartPolicy !== 'OnFailure') return false;
  const restarts = active.reduce((sum, pod) => sum + restartsOf(pod), 0);
  return restarts > 0 && restarts >= backoffLimit;
}

/** How the job ends; undefined while it goes on. */
function endingOf(facts: JobFacts): Ending | undefined {
  const { job, succeeded, active, deadline, now } = facts;
  const decided = decidedEnding(job);
  if (decided) return decided;
  if (hasTooManyFailures(facts)) return tooManyFailures;
  if (now.getTime() >= deadline) return tooLate;
  const { completions } = job.spec;
  const isDone =
    completions === undefined ? succeeded > 0 : succeeded >= completions;
  return isDone && active.length === 0 ? success : undefined;
}

function wantedActive({ job: { spec }, succeeded, active }: JobFacts): number {
  const { parallelism = 1, completions } = spec;
  if (spec.suspend) return 0;
  if (completions === undefined)
    return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}

/** A plan for a job that has ended: let its pods go, and the job itself in time. */
function afterwards(
  job: Job,
  owned: readonly Pod[],
  end: number,
  now: number,
): JobPlan {
  const { ttlSecondsAfterFinished } = job.spec;
  const left =
    ttlSecondsAfterFinished === undefined
      ? undefined
      : end + ttlSecondsAfterFinished * 1000 - now;
  return {
    create: 0,
    remove: [],
    release: owned.filter(isTracked),
    status: job.status ?? {},
    isExpired: left !== undefined && left <= 0,
    ...(left !== undefined && left > 0 ? { recheckAfter: left } : {}),
  };
}

/** The next changes for a job and the status to show, from the pods it owns. */
export function planJob(job: Job, owned: readonly Pod[], date: Date): JobPlan {
  const now = date.getTime();
  const end = endOf(job);
  if (end !== undefined) return afterwards(job, owned, end, now);
  const facts = factsOf(job, owned, date);
  const { active, leaving, deadline } = facts;
  const { noted, uncounted } = facts.tally;
  const ending = endingOf(facts);
  const goal = ending ? 0 : wantedActive(facts);
  const remove = active.slice(Math.min(goal, active.length));
  const missing = Math.max(0, goal - active.length);
  const backoff = missing > 0 ? backoffLeft(owned, now) : 0;
  const create = backoff > 0 || job.metadata.deletionTimestamp ? 0 : missing;
  const isOver =
    ending !== undefined &&
    active.length + leaving.length === 0 &&
    uncounted.succeeded.length + uncounted.failed.length === 0;
  const rechecks = [backoff, ending ? 0 : deadline - now].filter(
    wait => wait > 0 && wait !== Infinity,
  );
  return {
    create,
    remove,
    release: noted,
    isExpired: false,
    status: statusOf(facts, { ending, isOver, create, remove }),
    ...(isOver ? { note: endingNote(ending) } : {}),
    ...(rechecks.length > 0 ? { recheckAfter: Math.min(...rechecks) } : {}),
  };
}

function statusOf(
  {
    job,
    active,
    leaving,
    tally: { counted, uncounted },
    started,
    now,
  }: JobFacts,
  {
    ending,
    isOver,
    create,
    remove,
  }: Pick<JobPlan, 'create' | 'remove'> & {
    readonly ending: Ending | undefined;
    readonly isOver: boolean;
  },
): JobStatus {
  const stays = active.filter(pod => !remove.includes(pod));
  const count = (name: string, value: number) =>
    value > 0 ? { [name]: value } : {};
  const some = (name: string, uids: readonly string[]) =>
    uids.length > 0 ? { [name]: uids } : {};
  const conditions = conditionsOf(job, ending, isOver, now);
  return {
    ...(started ? { startTime: started } : {}),
    ...(isOver && ending?.target === 'SuccessCriteriaMet'
      ? { completionTime: timestamp(now) }
      : {}),
    ...count('active', stays.length + create),
    ready: stays.filter(pod => readyCondition(pod)?.status === 'True').length,
    terminating: leaving.length + remove.length,
    ...count('succeeded', counted.succeeded),
    ...count('failed', counted.failed),
    uncountedTerminatedPods: {
      ...some('succeeded', uncounted.succeeded),
      ...some('failed', uncounted.failed),
    },
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

const suspended: Condition = {
  type: 'Suspended',
  status: 'True',
  reason: 'JobSuspended',
  message: 'Job suspended',
};
const resumed: Condition = {
  type: 'Suspended',
  status: 'False',
  reason: 'JobResumed',
  message: 'Job resumed',
};

function conditionsOf(
  job: Job,
  ending: Ending | undefined,
  isOver: boolean,
  now: Date,
): readonly Condition[] {
  const before = job.status?.conditions ?? [];
  if (ending) {
    const { decided, ended } = endingConditions(ending);
    const said = withCondition(before, decided, now);
    return isOver ? withCondition(said, ended, now) : said;
  }
  if (job.spec.suspend) return withCondition(before, suspended, now);
  return conditionOf(before, 'Suspended')
    ? withCondition(before, resumed, now)
    : before;
}
