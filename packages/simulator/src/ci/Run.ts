// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { CommitRecord, subjectOf } from '../git/parseCommits';

/** Where one job of a run stands. */
export type JobState = 'waiting' | 'running' | 'passed' | 'failed' | 'skipped';

/** One job of a run. */
export interface Job {
  readonly name: string;
  readonly state: JobState;
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
  readonly state: 'running' | 'passed' | 'failed';
  /** Why it failed, in a sentence. */
  readonly problem?: string;
  readonly version: string;
  readonly images: readonly Image[];
  readonly jobs: readonly Job[];
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly url: string;
}

/** Jobs in the order they run; those of one group run side by side. */
export const jobGroups: readonly (readonly string[])[] = [
  ['lint', 'unit'],
  ['integration'],
  ['amd64', 'arm64'].flatMap(architecture =>
    ['cloud', 'edge-jetson', 'edge-pi'].map(
      variant => `build ${architecture} ${variant}`,
    ),
  ),
  ['scan'],
];

/** All jobs, waiting. */
export function plannedJobs(): readonly Job[] {
  return jobGroups.flat().map(name => ({ name, state: 'waiting' }));
}

/** The run with every job of a group in a state. */
export function withGroup(
  run: Run,
  group: readonly string[],
  state: JobState,
): Run {
  return {
    ...run,
    jobs: run.jobs.map(job =>
      group.includes(job.name) ? { ...job, state } : job,
    ),
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

/** A stable UUID for a text, so that the same report always has the same delivery id. */
export function stableUuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex[16], 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
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
