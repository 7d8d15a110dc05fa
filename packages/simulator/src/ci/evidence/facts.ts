// SPDX-License-Identifier: Apache-2.0
import { chance } from '../plan';
import type { Image, Job } from '../Run';

/** What a file of evidence is made from. */
export interface JobFacts {
  /** Name of the service, without its namespace. */
  readonly service: string;
  readonly repositoryUrl: string;
  readonly version: string;
  readonly sha: string;
  readonly image: Image;
  readonly job: Job;
  /** The job failed, and the file must say why. */
  readonly failed: boolean;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/** A number between two others that only depends on commit, job and subject. */
export function drawn(
  { sha, job }: Pick<JobFacts, 'sha' | 'job'>,
  subject: string,
  least: number,
  most: number,
): number {
  return least + (most - least) * chance(`${sha} ${job.name} ${subject}`);
}

/** Modules that every demo service is written in, with what they are tested for. */
export const modules = [
  { name: 'server', about: ['answers health checks', 'refuses large bodies'] },
  { name: 'labels', about: ['reads a straight label', 'reads a turned label'] },
  { name: 'routes', about: ['finds the nearest gate', 'skips closed gates'] },
  { name: 'storage', about: ['keeps order', 'survives a restart'] },
  { name: 'events', about: ['tells each scan once', 'drops late scans'] },
] as const;

/** Text made harmless for XML. */
export function escapeXml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}
