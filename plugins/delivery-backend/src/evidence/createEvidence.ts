// SPDX-License-Identifier: Apache-2.0
import type { RootConfigService } from '@backstage/backend-plugin-api';
import { readReleaseSecrets } from '@causeway/plugin-delivery-node';
import type { Knex } from 'knex';
import type { Services } from '../catalog/Services';
import type { Clock } from '../Clock';
import type { Releases } from '../releases/Releases';
import { DatabaseEvidence } from './DatabaseEvidence';
import { EvidenceUploads } from './EvidenceUploads';

const MEBIBYTE = 1024 * 1024;
const MOST_FILES = 50;

/** What CI leaves with releases, within the limits of `delivery.evidence`. */
export function createEvidence(parts: {
  readonly database: Knex;
  readonly config: RootConfigService;
  readonly services: Services;
  readonly releases: Pick<Releases, 'get'>;
  readonly clock: Clock;
}): { readonly evidence: DatabaseEvidence; readonly uploads: EvidenceUploads } {
  const { config } = parts;
  const evidence = new DatabaseEvidence(parts.database, MOST_FILES);
  const uploads = new EvidenceUploads({
    ...parts,
    evidence,
    secrets: readReleaseSecrets(config),
    limits: {
      maximumBytes:
        config.getOptionalNumber('delivery.evidence.maximumBytes') ??
        10 * MEBIBYTE,
      keepDays: config.getOptionalNumber('delivery.evidence.keepDays') ?? 365,
    },
  });
  return { evidence, uploads };
}
