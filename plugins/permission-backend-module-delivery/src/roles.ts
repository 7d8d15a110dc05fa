// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import type { Config } from '@backstage/config';

/** Which groups play which part; all entity refs. */
export interface Roles {
  readonly approvers: readonly string[];
  readonly creators: readonly string[];
  readonly edgeOperators: readonly string[];
  readonly platform: readonly string[];
  /** Patterns of stage names that an owning team may take back itself. */
  readonly stagingStages: readonly string[];
}

const defaults = {
  approvers: ['team-leads', 'product-owners'],
  creators: ['developers'],
  edgeOperators: ['edge-operators'],
  platform: ['platform'],
} as const;

/** Reads `permission.delivery`; what is left out has its default. */
export function readRoles(config: Config): Roles {
  const groups = (role: keyof typeof defaults) =>
    (
      config.getOptionalStringArray(`permission.delivery.roles.${role}`) ??
      defaults[role]
    ).map(name =>
      stringifyEntityRef(
        parseEntityRef(name, {
          defaultKind: 'group',
          defaultNamespace: 'default',
        }),
      ),
    );
  return {
    approvers: groups('approvers'),
    creators: groups('creators'),
    edgeOperators: groups('edgeOperators'),
    platform: groups('platform'),
    stagingStages: config.getOptionalStringArray(
      'permission.delivery.stagingStages',
    ) ?? ['*-staging'],
  };
}
