// SPDX-License-Identifier: Apache-2.0
import type { components, operations } from './generated/schema';

type Schemas = components['schemas'];

/** The shapes of the HTTP API, generated from its OpenAPI document. */
export type PipelineView = Schemas['PipelineView'];
export type StageView = Schemas['StageView'];
export type TargetView = Schemas['TargetView'];
export type RoadRow = Schemas['RoadRow'];
export type RoadCell = Schemas['RoadCell'];
export type State = Schemas['State'];
export type StateKey = Schemas['StateKey'];
export type Reason = Schemas['Reason'];
export type AllowedAction = Schemas['AllowedAction'];
export type ReleaseReport = Schemas['ReleaseReport'];
export type ReleaseView = Schemas['ReleaseView'];
export type ReleaseRef = Schemas['ReleaseRef'];
export type PromotionRequest = Schemas['PromotionRequest'];
export type PromotionView = Schemas['PromotionView'];
export type PromotionDetail = Schemas['PromotionDetail'];
export type PromotionPlan = Schemas['PromotionPlan'];
export type ObjectDiff = Schemas['ObjectDiff'];
export type RollbackRequest = Schemas['RollbackRequest'];
export type RollbackPlan = Schemas['RollbackPlan'];
export type RollbackOptions = Schemas['RollbackOptions'];
export type ApprovalItem = Schemas['ApprovalItem'];
export type ClusterView = Schemas['ClusterView'];
export type HistoryItem = Schemas['HistoryItem'];
export type HistoryPage = Schemas['HistoryPage'];
export type Problem = Schemas['Problem'];

/** The operations of the HTTP API, by `operationId`. */
export type ApiOperations = operations;
