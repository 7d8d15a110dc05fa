// SPDX-License-Identifier: Apache-2.0
import {
  anything,
  conditions,
  definition,
  flag,
  integer,
  list,
  object,
  text,
} from '../../runtime/definitions';
import { helmReleases } from './helmObjects';

const remediation = object({
  remediation: object({ retries: integer, remediateLastFailure: flag }),
});

/** Flux's HelmRelease, with the fields that are obeyed here. */
export const helmDefinitions: readonly object[] = [
  definition(helmReleases, {
    shortNames: ['hr'],
    schema: object({
      spec: object(
        {
          interval: text,
          releaseName: text,
          targetNamespace: text,
          suspend: flag,
          timeout: text,
          chart: object(
            {
              spec: object(
                { chart: text, version: text, sourceRef: anything },
                ['chart'],
              ),
            },
            ['spec'],
          ),
          values: anything,
          install: remediation,
          upgrade: remediation,
        },
        ['interval', 'chart'],
      ),
      status: {
        ...object({
          observedGeneration: integer,
          conditions,
          history: list(anything),
          failures: integer,
          installFailures: integer,
          upgradeFailures: integer,
          lastAttemptedGeneration: integer,
          lastAttemptedRevision: text,
          lastAttemptedConfigDigest: text,
          lastAttemptedReleaseAction: text,
          lastHandledReconcileAt: text,
          storageNamespace: text,
        }),
        default: { observedGeneration: -1 },
      },
    }),
  }),
];
