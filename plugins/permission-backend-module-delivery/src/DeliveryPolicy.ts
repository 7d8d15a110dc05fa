// SPDX-License-Identifier: Apache-2.0
import {
  kubernetesClustersReadPermission,
  kubernetesProxyPermission,
  kubernetesResourcesReadPermission,
} from '@backstage/plugin-kubernetes-common';
import {
  catalogEntityCreatePermission,
  catalogLocationCreatePermission,
} from '@backstage/plugin-catalog-common/alpha';
import {
  actionExecutePermission,
  RESOURCE_TYPE_SCAFFOLDER_TASK,
  taskCancelPermission,
  taskCreatePermission,
  taskReadPermission,
} from '@backstage/plugin-scaffolder-common/alpha';
import {
  AuthorizeResult,
  isPermission,
  isResourcePermission,
  type PermissionCondition,
  type PermissionCriteria,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import type {
  PermissionPolicy,
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import {
  deliveryPipelineReadPermission,
  deliveryPromotionApprovePermission,
  deliveryPromotionCancelPermission,
  deliveryPromotionCreatePermission,
  deliveryRollbackPermission,
  fleetDeviceActPermission,
  fleetDeviceReadPermission,
  fleetDrillRunPermission,
  fleetDrillSignPermission,
  RESOURCE_TYPE_DELIVERY_STAGE,
} from '@causeway/plugin-delivery-common';
import {
  createStageConditionalDecision,
  stageConditions,
} from '@causeway/plugin-delivery-node';
import { simulationControlPermission } from '@causeway/plugin-simulation-common';
import type { Roles } from './roles';

type StageCriteria = PermissionCriteria<
  PermissionCondition<typeof RESOURCE_TYPE_DELIVERY_STAGE>
>;

const allow: PolicyDecision = { result: AuthorizeResult.ALLOW };
const deny: PolicyDecision = { result: AuthorizeResult.DENY };

/**
 * The written policy of the portal; the README's table says the same in words, and a test holds
 * them together. Whoever is not signed in may nothing. The platform group may everything we know.
 * A permission of deliveries or devices that this policy does not know is denied to all, so that a
 * new one can not be open by accident. An approval gate names its own group besides: this policy only says who may
 * approve at all.
 */
export class DeliveryPolicy implements PermissionPolicy {
  readonly #roles: Roles;

  constructor(roles: Roles) {
    this.#roles = roles;
  }

  async handle(
    { permission }: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    if (!user) return deny;
    const claims = user.info.ownershipEntityRefs;
    const isPlatform = holds(claims, this.#roles.platform);
    if (/^(delivery|fleet)\./.test(permission.name)) {
      if (
        isPermission(permission, deliveryPipelineReadPermission) ||
        isPermission(permission, fleetDeviceReadPermission)
      ) {
        return allow;
      }
      if (isResourcePermission(permission, RESOURCE_TYPE_DELIVERY_STAGE)) {
        const criteria = this.#criteriaFor(permission, claims);
        if (!criteria) return deny;
        if (isPlatform) return allow;
        return criteria.length > 0
          ? createStageConditionalDecision(permission, {
              anyOf: [criteria[0], ...criteria.slice(1)],
            })
          : deny;
      }
      if (
        isPermission(permission, fleetDeviceActPermission) ||
        isPermission(permission, fleetDrillRunPermission)
      ) {
        const isOperator = holds(claims, this.#roles.edgeOperators);
        return isPlatform || isOperator ? allow : deny;
      }
      if (isPermission(permission, fleetDrillSignPermission)) {
        const isSigner =
          holds(claims, this.#roles.edgeOperators) ||
          holds(claims, this.#roles.approvers);
        return isPlatform || isSigner ? allow : deny;
      }
      return permission.name === 'delivery.audit.read' && isPlatform
        ? allow
        : deny;
    }
    if (isPermission(permission, simulationControlPermission)) {
      const isOperator = holds(claims, this.#roles.edgeOperators);
      return isPlatform || isOperator ? allow : deny;
    }
    if (isPlatform) return allow;
    if (isCreation(permission)) {
      return holds(claims, this.#roles.creators) ? allow : deny;
    }
    if (
      isPermission(permission, taskReadPermission) ||
      isPermission(permission, taskCancelPermission)
    ) {
      return ownTasks(user.info.userEntityRef);
    }
    return isOpenToAll(permission) ? allow : deny;
  }

  /** On which stages the user may; undefined for a permission that is not known. */
  #criteriaFor(
    permission: PolicyQuery['permission'],
    claims: readonly string[],
  ): readonly StageCriteria[] | undefined {
    const own = stageConditions.ownsService({ owners: [...claims] });
    const ownStaging: StageCriteria = {
      allOf: [
        own,
        stageConditions.isStageNamed({
          names: [...this.#roles.stagingStages],
        }),
      ],
    };
    const everywhere = stageConditions.isStageKind({
      kinds: ['local', 'ci', 'cloud', 'edge'],
    });
    const cloud = stageConditions.isStageKind({ kinds: ['cloud'] });
    const edge = stageConditions.isStageKind({ kinds: ['edge'] });
    const approver = (criterion: StageCriteria) =>
      holds(claims, this.#roles.approvers) ? [criterion] : [];
    const operator = (criterion: StageCriteria) =>
      holds(claims, this.#roles.edgeOperators) ? [criterion] : [];

    if (isPermission(permission, deliveryPromotionCreatePermission)) {
      return [own, ...operator(edge)];
    }
    if (isPermission(permission, deliveryPromotionApprovePermission)) {
      return approver(everywhere);
    }
    if (isPermission(permission, deliveryPromotionCancelPermission)) {
      return [own, ...approver(everywhere), ...operator(edge)];
    }
    if (isPermission(permission, deliveryRollbackPermission)) {
      return [ownStaging, ...approver(cloud), ...operator(edge)];
    }
    return undefined;
  }
}

/** What running a template needs; the catalog's come with it, because it is asked in the person's name. */
function isCreation(permission: PolicyQuery['permission']): boolean {
  return (
    isPermission(permission, taskCreatePermission) ||
    isPermission(permission, actionExecutePermission) ||
    isPermission(permission, catalogEntityCreatePermission) ||
    isPermission(permission, catalogLocationCreatePermission)
  );
}

/** Tasks of one person; what a template was told and said is nobody else's. */
function ownTasks(userEntityRef: string): PolicyDecision {
  return {
    result: AuthorizeResult.CONDITIONAL,
    pluginId: 'scaffolder',
    resourceType: RESOURCE_TYPE_SCAFFOLDER_TASK,
    conditions: {
      rule: 'IS_TASK_OWNER',
      resourceType: RESOURCE_TYPE_SCAFFOLDER_TASK,
      params: { createdBy: [userEntityRef] },
    },
  };
}

/** What everybody who is signed in may: read, but not through the proxy to a cluster. */
function isOpenToAll(permission: PolicyQuery['permission']): boolean {
  if (isPermission(permission, kubernetesProxyPermission)) return false;
  return (
    isPermission(permission, kubernetesClustersReadPermission) ||
    isPermission(permission, kubernetesResourcesReadPermission) ||
    permission.attributes.action === 'read' ||
    permission.name === 'catalog.entity.refresh'
  );
}

function holds(claims: readonly string[], groups: readonly string[]): boolean {
  return groups.some(group => claims.includes(group));
}
