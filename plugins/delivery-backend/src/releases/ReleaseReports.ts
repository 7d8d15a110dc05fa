// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import {
  parseReleaseReport,
  type Release,
  type ReleaseReport,
} from '@causeway/plugin-delivery-common';
import { canonicalRef } from '../catalog/canonicalRef';
import type { Services } from '../catalog/Services';
import type { Clock } from '../Clock';
import type { Pipelines } from '../pipelines/Pipelines';
import type { DatabaseReleases } from './DatabaseReleases';
import type { ReleaseSecrets } from '@causeway/plugin-delivery-node';
import { livesIn } from './livesIn';
import { isSignedWith } from './signature';

/** How old, or how far ahead, a report's timestamp may be. */
const TIME_WINDOW = 5 * 60_000;

/** A report as it came over the wire. */
export interface IncomingReport {
  readonly body: Buffer;
  /** Unix seconds, from `X-Causeway-Timestamp`. */
  readonly timestamp: string;
  /** From `X-Causeway-Delivery`. */
  readonly delivery: string;
  /** `sha256=<hex>`, from `X-Causeway-Signature`. */
  readonly signature: string;
}

export type ReportRefusalCode =
  | 'badSignature'
  | 'staleReport'
  | 'deliveryReused'
  | 'badReport'
  | 'unknownService'
  | 'wrongRepository'
  | 'releaseExists';

/** Why a report was not taken; nothing was written. */
export interface ReportRefusal {
  readonly kind: 'refused';
  readonly code: ReportRefusalCode;
  readonly reason: string;
  readonly hint: string;
  readonly details?: readonly { readonly [key: string]: string }[];
}

export type ReportAnswer =
  | {
      /** `repeated`: this was known before and nothing changed. */
      readonly kind: 'recorded' | 'repeated';
      readonly release: Release;
    }
  | ReportRefusal;

/** The shape check of the HTTP schema. */
export type ReportValidator = (
  value: unknown,
) =>
  | { readonly value: ReleaseReport }
  | { readonly problems: readonly { readonly [key: string]: string }[] };

/**
 * Takes release reports from CI.
 *
 * Nothing of a report is believed before its signature holds, and whoever can not sign learns only
 * that: not whether the repository is known, nor whether a secret exists. The same delivery with
 * the same body is answered the same for ever; with another body it is refused. A version that was
 * reported with other images or another commit is never replaced.
 */
export class ReleaseReports {
  readonly #secrets: ReleaseSecrets;
  readonly #services: Services;
  readonly #pipelines: Pick<Pipelines, 'get'>;
  readonly #releases: DatabaseReleases;
  readonly #validate: ReportValidator;
  readonly #clock: Clock;
  readonly #newId: () => string;

  constructor(options: {
    readonly secrets: ReleaseSecrets;
    readonly services: Services;
    readonly pipelines: Pick<Pipelines, 'get'>;
    readonly releases: DatabaseReleases;
    readonly validate: ReportValidator;
    readonly clock: Clock;
    readonly newId: () => string;
  }) {
    this.#secrets = options.secrets;
    this.#services = options.services;
    this.#pipelines = options.pipelines;
    this.#releases = options.releases;
    this.#validate = options.validate;
    this.#clock = options.clock;
    this.#newId = options.newId;
  }

  async receive(incoming: IncomingReport): Promise<ReportAnswer> {
    const now = this.#clock();
    const body = parseJson(incoming.body);
    if (!this.#isSigned(incoming, body)) {
      return refused(
        'badSignature',
        'The signature of the report is not right.',
        'Sign "<timestamp>.<delivery>.<body>" with the release secret of the repository, and send the body unchanged.',
      );
    }
    const sentAt = Number(incoming.timestamp) * 1000;
    if (!(Math.abs(now.getTime() - sentAt) <= TIME_WINDOW)) {
      return refused(
        'staleReport',
        'The report was signed more than five minutes from now.',
        'Sign each attempt anew; if it was, compare the clocks of CI and portal.',
      );
    }
    const bodyHash = createHash('sha256').update(incoming.body).digest('hex');
    const delivered = await this.#releases.findDelivery(incoming.delivery);
    if (delivered) {
      return delivered.bodyHash === bodyHash
        ? { kind: 'repeated', release: delivered.release }
        : refused(
            'deliveryReused',
            'This delivery id was used before with another report.',
            'Give every report a new X-Causeway-Delivery.',
          );
    }
    const report = this.#validate(body);
    if ('problems' in report) {
      return refused(
        'badReport',
        'The report does not have the right shape.',
        'Compare it with ReleaseReport in the OpenAPI document.',
        report.problems,
      );
    }
    return this.#take(report.value, now, { id: incoming.delivery, bodyHash });
  }

  async #take(
    report: ReleaseReport,
    now: Date,
    delivery: { readonly id: string; readonly bodyHash: string },
  ): Promise<ReportAnswer> {
    const refusal = await this.#checkService(report);
    if (refusal) return refusal;
    const parsed = parseReleaseReport(report, {
      id: this.#newId(),
      now,
      images: await this.#imagesOf(report.service),
    });
    if (!parsed.release) {
      return refused(
        'badReport',
        parsed.problems[0].message,
        'Correct the report; nothing of it was kept.',
        parsed.problems.map(problem => ({ ...problem })),
      );
    }
    const { outcome, release } = await this.#releases.record(
      parsed.release,
      delivery,
    );
    if (outcome === 'different') {
      return refused(
        'releaseExists',
        `Version ${report.version} was reported before with another commit or other images.`,
        'A version never changes. Build the change under a new version.',
      );
    }
    return { kind: outcome === 'recorded' ? 'recorded' : 'repeated', release };
  }

  #isSigned(incoming: IncomingReport, body: unknown): boolean {
    const repository = repositoryOf(body);
    const signature = /^sha256=([0-9a-f]{64})$/i.exec(incoming.signature)?.[1];
    if (!repository || !signature) return false;
    return this.#secrets
      .for(repository)
      .some(secret =>
        isSignedWith(
          secret,
          [`${incoming.timestamp}.${incoming.delivery}.`, incoming.body],
          signature,
        ),
      );
  }

  async #checkService(
    report: ReleaseReport,
  ): Promise<ReportRefusal | undefined> {
    const ref = canonicalRef(report.service);
    const service = ref && (await this.#services.find(ref));
    if (!service) {
      return refused(
        'unknownService',
        `The catalog has no service ${report.service}.`,
        'Register the service, or correct the entity ref in the CI workflow.',
      );
    }
    if (!livesIn(service.source, report.repository)) {
      return refused(
        'wrongRepository',
        `${service.ref} does not live in ${report.repository}.`,
        'Report releases from the repository of the service, or correct its source location in the catalog.',
      );
    }
    return undefined;
  }

  async #imagesOf(service: string): Promise<readonly string[] | undefined> {
    const ref = canonicalRef(service);
    const reading = ref && (await this.#pipelines.get(ref));
    return reading && reading.state === 'valid'
      ? reading.pipeline.images
      : undefined;
  }
}

function refused(
  code: ReportRefusalCode,
  reason: string,
  hint: string,
  details?: ReportRefusal['details'],
): ReportRefusal {
  return { kind: 'refused', code, reason, hint, ...(details && { details }) };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // Without a readable repository no secret fits; the answer is the same as for a wrong signature.
    return undefined;
  }
}

function repositoryOf(body: unknown): string | undefined {
  return typeof body === 'object' &&
    body !== null &&
    'repository' in body &&
    typeof body.repository === 'string'
    ? body.repository
    : undefined;
}
