// SPDX-License-Identifier: Apache-2.0
import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { ResourcePermission } from '@backstage/plugin-permission-common';
import {
  createConditionAuthorizer,
  type PermissionRuleset,
} from '@backstage/plugin-permission-node';
import {
  deliveryPromotionApprovePermission,
  deliveryPromotionCancelPermission,
  deliveryPromotionCreatePermission,
  deliveryRollbackPermission,
  type Stage,
} from '@causeway/plugin-delivery-common';
import {
  stageResourceRefType,
  type StageResource,
} from '@causeway/plugin-delivery-node';
import { canonicalRef } from '../catalog/canonicalRef';
import type { Service, Services } from '../catalog/Services';
import type { Pipelines } from '../pipelines/Pipelines';

/** What a person can do with a stage, and the permission that it needs. */
const permissions = {
  promote: deliveryPromotionCreatePermission,
  approve: deliveryPromotionApprovePermission,
  cancel: deliveryPromotionCancelPermission,
  rollback: deliveryRollbackPermission,
} as const satisfies Record<string, ResourcePermission>;

export type StageAction = keyof typeof permissions;

/** One person's rights, ready to be asked about many stages. */
export type StageRights = (
  action: StageAction,
  stage: StageResource,
) => boolean;

/**
 * Asks the permission framework about stages. The policy is asked once for each kind of action; its
 * conditions are then applied to as many stages as a page shows.
 */
export class StagePermissions {
  readonly #permissions: PermissionsService;
  readonly #ruleset: PermissionRuleset<StageResource>;

  constructor(
    service: PermissionsService,
    registry: Pick<PermissionsRegistryService, 'getPermissionRuleset'>,
  ) {
    this.#permissions = service;
    this.#ruleset = registry.getPermissionRuleset(stageResourceRefType);
  }

  async of(credentials: BackstageCredentials): Promise<StageRights> {
    const actions = Object.keys(permissions) as StageAction[];
    const decisions = await this.#permissions.authorizeConditional(
      actions.map(action => ({ permission: permissions[action] })),
      { credentials },
    );
    const decide = createConditionAuthorizer(this.#ruleset);
    return (action, stage) => decide(decisions[actions.indexOf(action)], stage);
  }
}

/** A stage as permission rules see it. */
export function stageResource(
  service: Pick<Service, 'ref' | 'owners'>,
  stage: Pick<Stage, 'name' | 'kind'>,
): StageResource {
  return {
    service: service.ref,
    owners: service.owners,
    stage: stage.name,
    kind: stage.kind,
  };
}

/** Loads stages by their references, for the permission backend. Undefined where there is none. */
export async function loadStageResources(
  references: readonly string[],
  from: { readonly services: Services; readonly pipelines: Pipelines },
): Promise<(StageResource | undefined)[]> {
  return Promise.all(
    references.map(async reference => {
      const [text, name] = reference.split('#');
      const ref = canonicalRef(text);
      if (!ref) return undefined;
      const [service, reading] = await Promise.all([
        from.services.find(ref),
        from.pipelines.get(ref),
      ]);
      const stage =
        reading?.state === 'valid'
          ? reading.pipeline.stages.find(other => other.name === name)
          : undefined;
      return service && stage && stageResource(service, stage);
    }),
  );
}
