// SPDX-License-Identifier: Apache-2.0
import {
  createPermission,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';

/** Resource type of the permissions below: a pipeline stage, named by {@link stageResourceRef}. */
export const RESOURCE_TYPE_DELIVERY_STAGE = 'delivery-stage';

/**
 * Names one stage of one service for the permission framework: `<entity ref>#<stage name>`,
 * for example `component:default/parcel-vision#cloud-production`.
 */
export function stageResourceRef(service: string, stage: string): string {
  return `${service}#${stage}`;
}

/** See a service's pipeline, its releases, promotions and history. */
export const deliveryPipelineReadPermission = createPermission({
  name: 'delivery.pipeline.read',
  attributes: { action: 'read' },
});

/** Ask for a release to be promoted to a stage. */
export const deliveryPromotionCreatePermission: ResourcePermission<
  typeof RESOURCE_TYPE_DELIVERY_STAGE
> = createPermission({
  name: 'delivery.promotion.create',
  attributes: { action: 'create' },
  resourceType: RESOURCE_TYPE_DELIVERY_STAGE,
});

/** Approve or reject a promotion that waits for approval. Who may is further limited by the gate itself. */
export const deliveryPromotionApprovePermission: ResourcePermission<
  typeof RESOURCE_TYPE_DELIVERY_STAGE
> = createPermission({
  name: 'delivery.promotion.approve',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_DELIVERY_STAGE,
});

/** Cancel a promotion that has not written to Git. */
export const deliveryPromotionCancelPermission: ResourcePermission<
  typeof RESOURCE_TYPE_DELIVERY_STAGE
> = createPermission({
  name: 'delivery.promotion.cancel',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_DELIVERY_STAGE,
});

/** Take a stage back to an earlier release without asking its gates. */
export const deliveryRollbackPermission: ResourcePermission<
  typeof RESOURCE_TYPE_DELIVERY_STAGE
> = createPermission({
  name: 'delivery.rollback',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_DELIVERY_STAGE,
});

/** Verify and export the event log. */
export const deliveryAuditReadPermission = createPermission({
  name: 'delivery.audit.read',
  attributes: { action: 'read' },
});

/** Resource type of the permissions of devices: a device, named by its id `<cluster>/<node name>`. */
export const RESOURCE_TYPE_FLEET_DEVICE = 'fleet-device';

/** See devices, their sites and what runs on them. */
export const fleetDeviceReadPermission: ResourcePermission<
  typeof RESOURCE_TYPE_FLEET_DEVICE
> = createPermission({
  name: 'fleet.device.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_FLEET_DEVICE,
});

/** Ask for actions on devices, cancel them, and decide about those of others. */
export const fleetDeviceActPermission: ResourcePermission<
  typeof RESOURCE_TYPE_FLEET_DEVICE
> = createPermission({
  name: 'fleet.device.act',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_FLEET_DEVICE,
});

/** Start drills on devices, and abort them. */
export const fleetDrillRunPermission: ResourcePermission<
  typeof RESOURCE_TYPE_FLEET_DEVICE
> = createPermission({
  name: 'fleet.drill.run',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_FLEET_DEVICE,
});

/** Sign off drills of others, or send them back. */
export const fleetDrillSignPermission: ResourcePermission<
  typeof RESOURCE_TYPE_FLEET_DEVICE
> = createPermission({
  name: 'fleet.drill.sign',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_FLEET_DEVICE,
});

/** Every permission of the delivery plugin. */
export const deliveryPermissions = [
  deliveryPipelineReadPermission,
  deliveryPromotionCreatePermission,
  deliveryPromotionApprovePermission,
  deliveryPromotionCancelPermission,
  deliveryRollbackPermission,
  deliveryAuditReadPermission,
];

/** Every permission on devices. */
export const fleetPermissions = [
  fleetDeviceReadPermission,
  fleetDeviceActPermission,
  fleetDrillRunPermission,
  fleetDrillSignPermission,
];
