// SPDX-License-Identifier: Apache-2.0

/**
 * Services by which other backend plugins and modules work with the delivery plugin.
 *
 * @packageDocumentation
 */
export {
  createClusterAccess,
  type ClusterAccess,
  type PortalClusters,
} from './clusters/ClusterAccess';
export { clusterAccessServiceRef } from './clusters/clusterAccessServiceRef';
export type * from './actions/DeviceActionExecutor';
export {
  deviceActionsExtensionPoint,
  type DeviceActionsExtensionPoint,
} from './actions/deviceActionsExtensionPoint';
export type * from './engines/ProgressiveEngine';
export {
  progressiveEnginesExtensionPoint,
  type ProgressiveEnginesExtensionPoint,
} from './engines/progressiveEnginesExtensionPoint';
export {
  promotionWitnessServiceRef,
  type EffectPoint,
  type PromotionWitness,
} from './promotions/promotionWitnessServiceRef';
export {
  createStageConditionalDecision,
  stageConditions,
  stageResourceRefType,
  stageRules,
  type StageQuery,
  type StageResource,
} from './permissions/stageRules';
export {
  createDeviceConditionalDecision,
  deviceConditions,
  deviceResourceRefType,
  deviceRules,
  type DeviceQuery,
  type DeviceResource,
} from './permissions/deviceRules';
export {
  normalizeRepository,
  readReleaseSecrets,
  releaseKey,
  type ReleaseSecrets,
} from './releases/ReleaseSecrets';
