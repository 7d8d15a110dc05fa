// SPDX-License-Identifier: Apache-2.0
import { createHash, createHmac } from 'node:crypto';
import { evidenceFile, evidenceOf } from './evidence/evidence';
import type { Evidence, Run } from './Run';
import { stableUuid } from './stableUuid';

/** The release report as the portal's API describes it. */
export interface ReleaseReport {
  readonly service: string;
  readonly repository: string;
  readonly version: string;
  readonly commit: Run['commit'];
  readonly images: Run['images'];
  readonly ci: {
    readonly run: string;
    readonly url: string;
    readonly startedAt: string;
    readonly finishedAt: string;
    readonly jobs: readonly {
      readonly name: string;
      readonly outcome: 'passed' | 'failed' | 'skipped';
    }[];
  };
}

/** A report ready to be sent. The body is fixed, so that every attempt sends the same bytes. */
export interface Delivery {
  readonly id: string;
  readonly service: string;
  readonly body: string;
  readonly repository: string;
  /** What goes with the release once the portal knows it. */
  readonly files: () => readonly SentFile[];
}

/** A file as it is sent to the portal. */
export interface SentFile {
  /** The portal's name of the format. */
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

const messageLimit = 4000;

/** The report of a passed run. */
export function releaseReport(run: Run): ReleaseReport {
  return {
    service: run.service,
    repository: run.repositoryUrl,
    version: run.version,
    commit: {
      ...run.commit,
      message: run.commit.message.slice(0, messageLimit),
    },
    images: run.images,
    ci: {
      run: run.id,
      url: run.url,
      startedAt: run.startedAt,
      finishedAt: run.finishedAt ?? run.startedAt,
      jobs: run.jobs.map(({ name, state }) => ({
        name,
        outcome: outcomeOf(state),
      })),
    },
  };
}

function outcomeOf(
  state: Run['jobs'][number]['state'],
): 'passed' | 'failed' | 'skipped' {
  return state === 'passed' || state === 'failed' ? state : 'skipped';
}

/** The delivery of a run's report; the same run always gives the same one. */
export function deliveryOf(run: Run): Delivery {
  const body = JSON.stringify(releaseReport(run));
  return {
    id: stableUuid(body),
    service: run.service,
    body,
    repository: run.repositoryUrl,
    files: () => filesOf(run),
  };
}

/** The portal's names of formats, where they are not the same. */
const kinds: Partial<Record<Evidence['format'], string>> = {
  k6: 'k6-summary',
};

/** What the portal keeps of a run; logs stay with CI. */
function filesOf(run: Run): readonly SentFile[] {
  return evidenceOf(run).flatMap(({ name, format }) => {
    const file = format === 'log' ? undefined : evidenceFile(run, name);
    return file
      ? [{ kind: kinds[format] ?? format, name, text: file.text }]
      : [];
  });
}

/** Where a file goes, and the headers that prove who sent it. */
export function signedFile(
  delivery: Delivery,
  release: string,
  { kind, name, text }: SentFile,
  secret: string,
  now: Date,
): {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const checksum = `sha256=${createHash('sha256').update(text).digest('hex')}`;
  const signature = createHmac('sha256', secret)
    .update([timestamp, release, kind, name, checksum].join('.'))
    .digest('hex');
  return {
    path: `/${release}/evidence/${kind}?name=${encodeURIComponent(name)}`,
    headers: {
      'Content-Type': 'application/octet-stream',
      'X-Causeway-Repository': delivery.repository,
      'X-Causeway-Timestamp': timestamp,
      'X-Causeway-Checksum': checksum,
      'X-Causeway-Signature': `sha256=${signature}`,
    },
  };
}

/** The headers that prove who sent a delivery, and when. */
export function signedHeaders(
  delivery: Delivery,
  secret: string,
  now: Date,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signature = createHmac('sha256', secret)
    .update(`${timestamp}.${delivery.id}.${delivery.body}`)
    .digest('hex');
  return {
    'Content-Type': 'application/json',
    'X-Causeway-Timestamp': timestamp,
    'X-Causeway-Delivery': delivery.id,
    'X-Causeway-Signature': `sha256=${signature}`,
  };
}
