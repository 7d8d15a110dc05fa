// SPDX-License-Identifier: Apache-2.0
import type { Evidence, Job, Run } from '../Run';
import { coberturaReport } from './cobertura';
import { bill } from './cyclonedx';
import type { JobFacts } from './facts';
import { junitReport } from './junit';
import { k6Summary } from './k6';
import { lighthouseReport } from './lighthouse';
import { jobLog } from './log';
import { sarifLog } from './sarif';

/** How one kind of file is made. */
interface Maker {
  readonly name: (job: Job) => string;
  readonly format: Evidence['format'];
  readonly mediaType: string;
  /** A failed job leaves it too. */
  readonly whenFailed: boolean;
  readonly make: (facts: JobFacts) => string;
}

const xml = 'application/xml';
const json = 'application/json';
const slug = ({ name }: Job) => name.replace(/ /g, '-');

const log: Maker = {
  name: job => `${slug(job)}.log`,
  format: 'log',
  mediaType: 'text/plain',
  whenFailed: true,
  make: jobLog,
};

const asText = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

const makers = {
  lint: [
    {
      name: () => 'lint.sarif',
      format: 'sarif',
      mediaType: 'application/sarif+json',
      whenFailed: true,
      make: facts => asText(sarifLog(facts)),
    },
  ],
  tests: [
    {
      name: () => 'unit.junit.xml',
      format: 'junit',
      mediaType: xml,
      whenFailed: true,
      make: junitReport,
    },
    {
      name: () => 'coverage.cobertura.xml',
      format: 'cobertura',
      mediaType: xml,
      whenFailed: true,
      make: coberturaReport,
    },
  ],
  integration: [
    {
      name: () => 'integration.junit.xml',
      format: 'junit',
      mediaType: xml,
      whenFailed: true,
      make: junitReport,
    },
    {
      name: () => 'load.k6.json',
      format: 'k6',
      mediaType: json,
      whenFailed: true,
      make: facts => asText(k6Summary(facts)),
    },
    {
      name: () => 'status-page.lighthouse.json',
      format: 'lighthouse',
      mediaType: json,
      whenFailed: true,
      make: facts => asText(lighthouseReport(facts)),
    },
  ],
  build: [
    {
      name: job => `${slug(job)}.cdx.json`,
      format: 'cyclonedx',
      mediaType: 'application/vnd.cyclonedx+json',
      // There is no image, so there is nothing to list.
      whenFailed: false,
      make: facts => asText(bill(facts)),
    },
  ],
  scan: [
    {
      name: () => 'vulnerabilities.sarif',
      format: 'sarif',
      mediaType: 'application/sarif+json',
      whenFailed: true,
      make: facts => asText(sarifLog(facts)),
    },
  ],
} satisfies Record<NonNullable<Job['kind']>, readonly Maker[]>;

function* filesOf(run: Run): Generator<{ job: Job; maker: Maker }> {
  for (const job of run.jobs) {
    if (job.state !== 'passed' && job.state !== 'failed') continue;
    const own: readonly Maker[] = job.kind ? makers[job.kind] : [];
    for (const maker of [...own, log]) {
      if (job.state === 'passed' || maker.whenFailed) yield { job, maker };
    }
  }
}

/** What the jobs of a run that are over have left behind. */
export function evidenceOf(run: Run): readonly Evidence[] {
  return [...filesOf(run)].map(({ job, maker }) => ({
    name: maker.name(job),
    format: maker.format,
    mediaType: maker.mediaType,
    job: job.name,
    url: `${run.url}/evidence/${maker.name(job)}`,
  }));
}

/**
 * The bytes of one file; undefined when the run has none of this name. They only
 * depend on the run, so they need not be kept: the same run gives the same bytes
 * whenever it is asked.
 */
export function evidenceFile(
  run: Run,
  name: string,
): { readonly mediaType: string; readonly text: string } | undefined {
  for (const { job, maker } of filesOf(run)) {
    if (maker.name(job) !== name) continue;
    const facts: JobFacts = {
      service: run.service.split('/').at(-1) ?? run.service,
      repositoryUrl: run.repositoryUrl,
      version: run.version,
      sha: run.commit.sha,
      image: run.images[0],
      job,
      failed: job.state === 'failed',
      startedAt: new Date(job.startedAt ?? run.startedAt),
      finishedAt: new Date(job.finishedAt ?? run.finishedAt ?? run.startedAt),
    };
    return { mediaType: maker.mediaType, text: maker.make(facts) };
  }
  return undefined;
}
