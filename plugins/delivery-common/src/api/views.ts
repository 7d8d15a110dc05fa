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
export type ColoursView = Schemas['ColoursView'];
export type ColourPlaceView = Schemas['ColourPlace'];
export type CanaryView = Schemas['CanaryView'];
export type CanaryTargetView = Schemas['CanaryTargetView'];
export type CanaryCheckView = Schemas['CanaryCheckView'];
export type CanaryQuantileLimits = Schemas['CanaryQuantileLimits'];
export type CanaryMinuteView = Schemas['CanaryMinuteView'];
export type CanaryVerdictView = Schemas['CanaryVerdictView'];
export type CanaryWord = Schemas['CanaryWord'];
export type WaveView = Schemas['WaveView'];
export type WaveSummary = Schemas['WaveSummary'];
export type WaveDeviceView = Schemas['WaveDeviceView'];
export type WaveAction = Schemas['WaveAction'];
export type WaveSteering = Schemas['WaveSteering'];
export type WavePreviewView = Schemas['WavePreviewView'];
export type ApprovalItem = Schemas['ApprovalItem'];
export type ClusterView = Schemas['ClusterView'];
export type HistoryItem = Schemas['HistoryItem'];
export type HistoryPage = Schemas['HistoryPage'];
export type Problem = Schemas['Problem'];
export type FleetSummary = Schemas['FleetSummary'];
export type FleetSites = Schemas['FleetSites'];
export type FleetWorst = Schemas['FleetWorst'];
export type FleetSite = Schemas['FleetSite'];
export type FleetDevicePage = Schemas['FleetDevicePage'];
export type FleetDeviceRow = Schemas['FleetDeviceRow'];
export type FleetDevice = Schemas['FleetDevice'];
export type FleetWorkload = Schemas['FleetWorkload'];
export type FleetTwin = Schemas['FleetTwin'];
export type FleetTwinProperty = Schemas['FleetTwinProperty'];
export type FleetTwinChange = Schemas['FleetTwinChange'];
export type FleetTwinEdit = Schemas['FleetTwinEdit'];
export type FleetTwinEdited = Schemas['FleetTwinEdited'];
export type FleetStateChange = Schemas['FleetStateChange'];
export type FleetService = Schemas['FleetService'];
export type FleetAction = Schemas['FleetAction'];
export type FleetActionBatch = Schemas['FleetActionBatch'];
export type FleetActionDetail = Schemas['FleetActionDetail'];
export type FleetActionKind = Schemas['FleetActionKind'];
export type FleetActionPage = Schemas['FleetActionPage'];
export type FleetActionParameter = Schemas['FleetActionParameter'];
export type FleetActionPlan = Schemas['FleetActionPlan'];
export type FleetActionRequest = Schemas['FleetActionRequest'];
export type FleetActionVerdict = Schemas['FleetActionVerdict'];
export type DrillOptions = Schemas['DrillOptions'];
export type DrillCandidates = Schemas['DrillCandidates'];
export type DrillSummary = Schemas['DrillSummary'];
export type DrillDetail = Schemas['DrillDetail'];

/** The operations of the HTTP API, by `operationId`. */
export type ApiOperations = operations;

/** What a reader of devices looks for; values of one key are alternatives, keys add up. */
export type FleetFilter = Omit<
  NonNullable<operations['getFleetDevices']['parameters']['query']>,
  'sort' | 'limit' | 'cursor'
>;
export type FleetSort = NonNullable<
  NonNullable<operations['getFleetDevices']['parameters']['query']>['sort']
>;
