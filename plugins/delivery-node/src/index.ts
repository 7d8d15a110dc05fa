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
