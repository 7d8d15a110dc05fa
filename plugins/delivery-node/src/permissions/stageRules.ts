// SPDX-License-Identifier: Apache-2.0
import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import {
  RESOURCE_TYPE_DELIVERY_STAGE,
  type StageKind,
} from '@causeway/plugin-delivery-common';
import { z } from 'zod';

/**
 * One stage of one service, as permission rules see it.
 *
 * @public
 */
export interface StageResource {
  /** Entity ref of the service. */
  readonly service: string;
  /** Entity refs of the service's owners. */
  readonly owners: readonly string[];
  /** Name of the stage. */
  readonly stage: string;
  readonly kind: StageKind;
}

/**
 * Stages are few and read from memory, so rules are only applied to loaded stages and never
 * translated to a query of their own.
 *
 * @public
 */
export type StageQuery = Readonly<Record<string, never>>;

/**
 * The resource behind the delivery plugin's stage permissions.
 *
 * @public
 */
export const stageResourceRefType = createPermissionResourceRef<
  StageResource,
  StageQuery
>().with({
  pluginId: 'delivery',
  resourceType: RESOURCE_TYPE_DELIVERY_STAGE,
});

const ownsService = createPermissionRule({
  name: 'OWNS_SERVICE',
  description: 'Allow for services that one of the given entities owns',
  resourceRef: stageResourceRefType,
  paramsSchema: z.object({
    owners: z.array(z.string()).describe('Entity refs of users and groups'),
  }),
  apply: (resource, { owners }) =>
    resource.owners.some(owner => owners.includes(owner)),
  toQuery: () => ({}),
});

const isStageKind = createPermissionRule({
  name: 'IS_STAGE_KIND',
  description: 'Allow for stages of the given kinds',
  resourceRef: stageResourceRefType,
  paramsSchema: z.object({
    kinds: z
      .array(z.enum(['local', 'ci', 'cloud', 'edge']))
      .describe('Kinds of stages'),
  }),
  apply: (resource, { kinds }) => kinds.includes(resource.kind),
  toQuery: () => ({}),
});

const isStageNamed = createPermissionRule({
  name: 'IS_STAGE_NAMED',
  description: 'Allow for stages whose name fits one of the given patterns',
  resourceRef: stageResourceRefType,
  paramsSchema: z.object({
    names: z
      .array(z.string())
      .describe('Names of stages; * stands for any characters'),
  }),
  apply: (resource, { names }) =>
    names.some(pattern => fits(resource.stage, pattern)),
  toQuery: () => ({}),
});

function fits(name: string, pattern: string): boolean {
  const source = pattern
    .split('*')
    .map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`).test(name);
}

/**
 * The rules of stage permissions, for the plugin to register and for policies to build on.
 *
 * @public
 */
export const stageRules = { ownsService, isStageKind, isStageNamed };

const exported = createConditionExports({
  resourceRef: stageResourceRefType,
  rules: stageRules,
});

/**
 * Makes conditions of the {@link stageRules} for a permission policy.
 *
 * @public
 */
export const stageConditions = exported.conditions;

/**
 * Makes a permission policy's decision that depends on the stage.
 *
 * @public
 */
export const createStageConditionalDecision =
  exported.createConditionalDecision;
