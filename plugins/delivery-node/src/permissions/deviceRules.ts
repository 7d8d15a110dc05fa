// SPDX-License-Identifier: Apache-2.0
import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { RESOURCE_TYPE_FLEET_DEVICE } from '@causeway/plugin-delivery-common';
import { z } from 'zod';

/**
 * One device, as permission rules see it.
 *
 * @public
 */
export interface DeviceResource {
  /** Name of its cluster in the portal's `kubernetes` configuration. */
  readonly cluster: string;
  /** Name of its site; undefined when nobody knows it. */
  readonly site?: string;
}

/**
 * Devices are read from memory, so rules are only applied to them and never translated to a query.
 *
 * @public
 */
export type DeviceQuery = Readonly<Record<string, never>>;

/**
 * The resource behind the fleet's device permissions.
 *
 * @public
 */
export const deviceResourceRefType = createPermissionResourceRef<
  DeviceResource,
  DeviceQuery
>().with({
  pluginId: 'delivery',
  resourceType: RESOURCE_TYPE_FLEET_DEVICE,
});

const isAtSite = createPermissionRule({
  name: 'IS_AT_SITE',
  description: 'Allow for devices at the given sites',
  resourceRef: deviceResourceRefType,
  paramsSchema: z.object({
    sites: z.array(z.string()).describe('Names of sites'),
  }),
  apply: ({ site }, { sites }) => site !== undefined && sites.includes(site),
  toQuery: () => ({}),
});

const isInCluster = createPermissionRule({
  name: 'IS_IN_CLUSTER',
  description: 'Allow for devices of the given clusters',
  resourceRef: deviceResourceRefType,
  paramsSchema: z.object({
    clusters: z.array(z.string()).describe('Names of clusters'),
  }),
  apply: ({ cluster }, { clusters }) => clusters.includes(cluster),
  toQuery: () => ({}),
});

/**
 * The rules of device permissions, for the plugin to register and for policies to build on.
 *
 * @public
 */
export const deviceRules = { isAtSite, isInCluster };

const exported = createConditionExports({
  resourceRef: deviceResourceRefType,
  rules: deviceRules,
});

/**
 * Makes conditions of the {@link deviceRules} for a permission policy.
 *
 * @public
 */
export const deviceConditions = exported.conditions;

/**
 * Makes a permission policy's decision that depends on the device.
 *
 * @public
 */
export const createDeviceConditionalDecision =
  exported.createConditionalDecision;
