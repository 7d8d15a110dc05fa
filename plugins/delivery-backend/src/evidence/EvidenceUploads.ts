// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream';
import {
  evidenceProblem,
  type Evidence,
  type EvidenceKind,
  type Release,
} from '@causeway/plugin-delivery-common';
import {
  normalizeRepository,
  type ReleaseSecrets,
} from '@causeway/plugin-delivery-node';
import type { Services } from '../catalog/Services';
import type { Clock } from '../Clock';
import { livesIn } from '../releases/livesIn';
import type { Releases } from '../releases/Releases';
import { isSignedWith } from '../releases/signature';
import type { DatabaseEvidence } from './DatabaseEvidence';
import { readBounded } from './readBounded';

/** How old, or how far ahead, a timestamp may be. */
const TIME_WINDOW = 5 * 60_000;
const DAY = 24 * 3600_000;

/** A file as it comes over the wire; nothing of it is read before the signature holds. */
export interface IncomingEvidence {
  readonly release: string;
  readonly kind: EvidenceKind;
  readonly name: string;
  /** From `X-Causeway-Repository`. */
  readonly repository: string;
  /** Unix seconds, from `X-Causeway-Timestamp`. */
  readonly timestamp: string;
  /** `sha256=<hex>` of the file, from `X-Causeway-Checksum`. */
  readonly checksum: string;
  /** `sha256=<hex>`, from `X-Causeway-Signature`. */
  readonly signature: string;
  /** From `Content-Length`, where it was sent. */
  readonly length?: number;
  readonly content: Readable;
}

export type EvidenceRefusalCode =
  | 'badSignature'
  | 'staleReport'
  | 'unknownRelease'
  | 'evidenceTooLarge'
  | 'wrongChecksum'
  | 'badEvidence'
  | 'evidenceExists'
  | 'tooMuchEvidence';

/** Why a file was not kept. */
export interface EvidenceRefusal {
  readonly kind: 'refused';
  readonly code: EvidenceRefusalCode;
  readonly reason: string;
  readonly hint: string;
}

export type EvidenceAnswer =
  | { readonly kind: 'kept' | 'repeated'; readonly evidence: Evidence }
  | EvidenceRefusal;

/** What a portal keeps of what CI sends. */
export interface EvidenceLimits {
  /** Of one file. */
  readonly maximumBytes: number;
  readonly keepDays: number;
}

/**
 * Takes files from CI. Signed is what the file is and its checksum, so that a stranger's bytes are
 * refused unread, and the bytes of a friend are believed when their checksum is the signed one.
 */
export class EvidenceUploads {
  constructor(
    private readonly parts: {
      readonly secrets: ReleaseSecrets;
      readonly services: Services;
      readonly releases: Pick<Releases, 'get'>;
      readonly evidence: DatabaseEvidence;
      readonly limits: EvidenceLimits;
      readonly clock: Clock;
    },
  ) {}

  async receive(incoming: IncomingEvidence): Promise<EvidenceAnswer> {
    const { limits, clock } = this.parts;
    const release = await this.#releaseOf(incoming);
    if ('code' in release) return release;
    const { maximumBytes } = limits;
    if ((incoming.length ?? 0) > maximumBytes) return tooLarge(maximumBytes);
    const read = await readBounded(incoming.content, maximumBytes);
    if (!read.content) return tooLarge(maximumBytes);
    if (`sha256=${read.sha256}` !== incoming.checksum.toLowerCase()) {
      return refused(
        'wrongChecksum',
        'The file is not the one that was signed: its SHA-256 differs.',
        'Send the bytes that X-Causeway-Checksum was computed of.',
      );
    }
    const problem = evidenceProblem(incoming.kind, read.content);
    if (problem) {
      return refused(
        'badEvidence',
        problem,
        `Send a file of the kind ${incoming.kind} in its native format, or correct the kind.`,
      );
    }
    return this.#keep(
      release.id,
      {
        kind: incoming.kind,
        name: incoming.name,
        bytes: read.content.length,
        sha256: read.sha256,
        repository: normalizeRepository(incoming.repository),
        receivedAt: clock().toISOString(),
      },
      read.content,
    );
  }

  async #keep(
    release: string,
    evidence: Evidence,
    content: Buffer,
  ): Promise<EvidenceAnswer> {
    const { evidence: store, limits, clock } = this.parts;
    const keeping = await store.keep(release, evidence, content);
    if (keeping === 'different') {
      return refused(
        'evidenceExists',
        `The release has another file ${evidence.name} of the kind ${evidence.kind}.`,
        'What was sent is never replaced. Give the file another name.',
      );
    }
    if (keeping === 'tooMany') {
      return refused(
        'tooMuchEvidence',
        'The release has as many files as are kept.',
        'Send fewer files; join those of one kind.',
      );
    }
    await store.forgetBefore(
      new Date(clock().getTime() - limits.keepDays * DAY),
    );
    return { kind: keeping === 'kept' ? 'kept' : 'repeated', evidence };
  }

  /** Whoever can not sign learns only that: not whether the release is known. */
  async #releaseOf(
    incoming: IncomingEvidence,
  ): Promise<Release | EvidenceRefusal> {
    const { secrets, releases, services, clock } = this.parts;
    const signature = /^sha256=([0-9a-f]{64})$/i.exec(incoming.signature)?.[1];
    const signed = [
      incoming.timestamp,
      incoming.release,
      incoming.kind,
      incoming.name,
      incoming.checksum,
    ].join('.');
    const isSigned = secrets
      .for(incoming.repository)
      .some(secret => isSignedWith(secret, [signed], signature ?? ''));
    if (!isSigned) {
      return refused(
        'badSignature',
        'The signature of the file is not right.',
        'Sign "<timestamp>.<release>.<kind>.<name>.<checksum>" with the release secret of the repository.',
      );
    }
    const sentAt = Number(incoming.timestamp) * 1000;
    if (!(Math.abs(clock().getTime() - sentAt) <= TIME_WINDOW)) {
      return refused(
        'staleReport',
        'The file was signed more than five minutes from now.',
        'Sign each attempt anew; if it was, compare the clocks of CI and portal.',
      );
    }
    const release = await releases.get(incoming.release);
    const service = release && (await services.find(release.service));
    if (!release || !livesIn(service?.source, incoming.repository)) {
      return refused(
        'unknownRelease',
        `${incoming.repository} has reported no release ${incoming.release}.`,
        'Report the release first; the answer holds its id.',
      );
    }
    return release;
  }
}

function tooLarge(limit: number): EvidenceRefusal {
  return refused(
    'evidenceTooLarge',
    `The file has more than ${limit} bytes, which is the limit of this portal.`,
    'Leave out what is not needed, or raise delivery.evidence.maximumBytes.',
  );
}

function refused(
  code: EvidenceRefusalCode,
  reason: string,
  hint: string,
): EvidenceRefusal {
  return { kind: 'refused', code, reason, hint };
}
