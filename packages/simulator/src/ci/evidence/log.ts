// SPDX-License-Identifier: Apache-2.0
import type { JobFacts } from './facts';

/** What a job printed: its steps with times, and why it failed. */
export function jobLog(facts: JobFacts): string {
  const { job, failed, startedAt, finishedAt, service, sha, version } = facts;
  const steps = job.steps ?? ['Run'];
  const length = finishedAt.getTime() - startedAt.getTime();
  const at = (share: number) =>
    new Date(startedAt.getTime() + length * share).toISOString();
  const broken = failed ? steps.length - 1 : -1;
  const lines = steps.flatMap((step, index) => [
    `${at(index / steps.length)} ==> ${step}`,
    ...(index === 0 ? [`${at(0)} ${service} ${version} at ${sha}`] : []),
    index === broken
      ? `${at(1)} error: step "${step}" ended with exit code 1`
      : `${at((index + 1) / steps.length)} done`,
  ]);
  const end = failed ? 'failed' : 'passed';
  return [...lines, `${at(1)} job ${job.name} ${end}`, ''].join('\n');
}
