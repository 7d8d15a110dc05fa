// SPDX-License-Identifier: Apache-2.0
import { Scheduler } from '../time/Scheduler';
import { CiEffects } from './CiEffects';
import { JobTime } from './plan';
import { cancelled, Job, Run, withJobs } from './Run';

/** What running the jobs of a run needs. */
interface JobsSettings {
  readonly scheduler: Scheduler;
  readonly times: readonly JobTime[];
  readonly effects: CiEffects;
  readonly store: (run: Run) => Promise<void>;
  /** Ends the jobs early. */
  readonly signal: AbortSignal;
}

/**
 * Plays the jobs of a run in time and stores every step but a cancelled end. The run that it returns
 * is still `running` when all jobs have passed, else `failed` or `cancelled`.
 */
export async function runJobs(
  first: Run,
  { scheduler, times, effects, store, signal }: JobsSettings,
): Promise<Run> {
  const moments = [...new Set(times.flatMap(({ from, to }) => [from, to]))];
  let run = first;
  let elapsed = 0;
  for (const moment of moments.sort((a, b) => a - b)) {
    await scheduler.sleep(moment - elapsed, signal);
    elapsed = moment;
    const now = scheduler.now().toISOString();
    // Not stored: after a stop the run must still look as if it were under way.
    if (signal.aborted) return cancelled(run, now);
    const failing = failingJobs(run, effects);
    run = atMoment(run, times, { moment, now, failing });
    await store(run);
  }
  return run;
}

/** Jobs that fail if they end now. */
function failingJobs(run: Run, effects: CiEffects): ReadonlySet<string> {
  const { repository, commit } = run;
  return new Set(
    run.jobs
      .filter(({ kind }) => kind && effects.fails(kind, repository, commit.sha))
      .map(({ name }) => name),
  );
}

/**
 * The run at a moment of its schedule: jobs that are over have passed or failed,
 * jobs that need a failed one are skipped.
 */
export function atMoment(
  run: Run,
  times: readonly JobTime[],
  facts: {
    /** Milliseconds after the start. */
    readonly moment: number;
    readonly now: string;
    /** Jobs that fail when they end now. */
    readonly failing: ReadonlySet<string>;
  },
): Run {
  const { moment, now, failing } = facts;
  let state = run;
  const standing = (name: string) =>
    state.jobs.find(job => job.name === name)?.state;
  for (const { name, from, to } of times) {
    const job = state.jobs.find(candidate => candidate.name === name);
    if (!job || from > moment) continue;
    if (job.state === 'waiting') {
      const needs = (job.needs ?? []).map(standing);
      const blocked = needs.some(
        need => need === 'failed' || need === 'skipped',
      );
      state = withJobs(
        state,
        [name],
        blocked ? { state: 'skipped' } : { state: 'running', startedAt: now },
      );
    }
    if (standing(name) === 'running' && to <= moment)
      state = withJobs(state, [name], {
        state: failing.has(name) ? 'failed' : 'passed',
        finishedAt: now,
      });
  }
  const failed = state.jobs.filter(job => job.state === 'failed');
  return failed.length > 0
    ? { ...state, state: 'failed', problem: problemOf(failed) }
    : state;
}

const sentences = {
  lint: 'the linter found errors',
  tests: 'unit tests failed',
  integration: 'integration tests failed',
  build: 'the image could not be built',
  scan: 'a vulnerability above the threshold was found',
} satisfies Record<NonNullable<Job['kind']>, string>;

function problemOf(failed: readonly Job[]): string {
  const [{ name, kind = 'tests' }, ...others] = failed;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return `Job ${name}${more} failed: ${sentences[kind]}.`;
}

/** A run of the past: every job in one state, with its times. */
export function withTimes(
  run: Run,
  times: readonly JobTime[],
  state: Job['state'],
): Run {
  const start = new Date(run.startedAt).getTime();
  const at = (offset: number) => new Date(start + offset).toISOString();
  return times.reduce(
    (done, { name, from, to }) =>
      withJobs(done, [name], {
        state,
        startedAt: at(from),
        finishedAt: at(to),
      }),
    run,
  );
}
