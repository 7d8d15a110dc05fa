// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { pipeline, PlannedJob } from './plan';
import { CommitRecord, subjectOf } from '../git/parseCommits';

/** Where one job of a run stands. */
export type JobState =
  | 'waiting'
  | 'running'
  | 'passed'
  | 'failed'
  | 'skipped'
  | 'cancelled';

/** One job of a run. What the pipeline says of it is missing in runs of earlier versions. */
export interface Job extends Partial<Omit<PlannedJob, 'name'>> {
  readonly name: string;
  readonly state: JobState;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

/** A built image. */
export interface Image {
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
}

/** What a run knows of the commit it builds. */
export interface RunCommit {
  readonly sha: string;
  readonly message: string;
  readonly author: string;
  readonly authorRef?: string;
  readonly url: string;
  readonly time: string;
}

/** A file that a job has left behind. */
export interface Evidence {
  /** File name, for example `unit.junit.xml`. */
  readonly name: string;
  readonly format:
    | 'junit'
    | 'cobertura'
    | 'sarif'
    | 'cyclonedx'
    | 'k6'
    | 'lighthouse'
    | 'log';
  readonly mediaType: string;
  readonly job: string;
  readonly url: string;
}

/** One run of CI over one commit of a service. Times are ISO 8601 in UTC. */
export interface Run {
  readonly id: string;
  readonly number: number;
  /** `owner/name` of the repository. */
  readonly repository: string;
  readonly repositoryUrl: string;
  /** Entity ref of the service. */
  readonly service: string;
  readonly commit: RunCommit;
  /** Cancelled: a newer commit came before it was done. */
  readonly state: 'running' | 'passed' | 'failed' | 'cancelled';
  /** Why it failed, in a sentence. */
  readonly problem?: string;
  readonly version: string;
  readonly images: readonly Image[];
  readonly jobs: readonly Job[];
  readonly startedAt: string;
  readonly finishedAt?: string;
  /** What the jobs have left behind, once the run has ended. */
  readonly evidence?: readonly Evidence[];
  readonly url: string;
}

/** All jobs, waiting. */
export function plannedJobs(): readonly Job[] {
  return pipeline.map(job => ({ ...job, state: 'waiting' }));
}

/** The run with every named job changed. */
export function withJobs(
  run: Run,
  names: readonly string[],
  change: Partial<Job>,
): Run {
  return {
    ...run,
    jobs: run.jobs.map(job =>
      names.includes(job.name) ? { ...job, ...change } : job,
    ),
  };
}

/** The run after it was ended early: jobs under way are cancelled, those that waited skipped. */
export function cancelled(run: Run, now: string): Run {
  return {
    ...run,
    state: 'cancelled',
    problem: 'A newer commit was pushed before the run was done.',
    finishedAt: now,
    jobs: run.jobs.map(job => {
      if (job.state === 'running')
        return { ...job, state: 'cancelled', finishedAt: now };
      return job.state === 'waiting' ? { ...job, state: 'skipped' } : job;
    }),
  };
}

/** The digest CI gives the image of a service: the same commit and version always build the same image. */
export function imageDigest(
  service: string,
  version: string,
  sha: string,
): string {
  return `sha256:${createHash('sha256')
    .update(`${service}\n${version}\n${sha}`)
    .digest('hex')}`;
}

/** What a run says of its commit; `people` maps an address to the entity ref of its owner. */
export function runCommit(
  commit: CommitRecord,
  repositoryUrl: string,
  people: (email: string) => string | undefined,
): RunCommit {
  const authorRef = people(commit.author.email);
  return {
    sha: commit.sha,
    message: commit.message || subjectOf(commit.message),
    author: `${commit.author.name} <${commit.author.email}>`,
    ...(authorRef ? { authorRef } : {}),
    url: `${repositoryUrl}/commit/${commit.sha}`,
    time: commit.author.date.toISOString(),
  };
}
