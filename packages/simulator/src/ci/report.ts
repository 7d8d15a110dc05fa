// SPDX-License-Identifier: Apache-2.0
import { createHmac } from 'node:crypto';
import { Run, stableUuid } from './Run';

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
  return { id: stableUuid(body), service: run.service, body };
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
