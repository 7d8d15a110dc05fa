// SPDX-License-Identifier: Apache-2.0

/**
 * Types, permissions and pure decisions of the delivery plugins. Nothing here does I/O or
 * reads a clock, so the backend decides and the browser explains with the same functions.
 *
 * @packageDocumentation
 */
export * from './permissions';
export * from './time';
export * from './cluster/freshness';
export * from './cluster/describeFlux';
export * from './cluster/describeWorkload';
export * from './cluster/parseImage';
export * from './cluster/parseRevision';
export type * from './cluster/observed';
export type * from './cluster/targetState';
export type * from './pipeline/pipeline';
export { parseDuration } from './pipeline/duration';
export {
  parsePipeline,
  type PipelineContext,
  type PipelineParsing,
} from './pipeline/parsePipeline';
export { default as pipelineSchema } from './pipeline/pipeline.schema.json';
export type * from './release/release';
export { compareVersions } from './release/compareVersions';
export {
  parseReleaseReport,
  type ReleaseReportParsing,
  type ReleaseReportProblem,
} from './release/parseReleaseReport';
export { releaseView } from './release/releaseView';
export type * from './gates/verdict';
export * from './gates/known';
export * from './gates/facts';
export type * from './gates/question';
export * from './gates/observation';
export * from './gates/evaluateGates';
export { isOwnRelease } from './gates/approval';
export { sayDuration } from './gates/sayDuration';
export { sayEntity } from './gates/sayEntity';
export type { GateNeed } from './gates/gate';
export * from './promotion/promotion';
export type * from './promotion/events';
export * from './promotion/refusal';
export * from './promotion/effects';
export * from './promotion/facts';
export type * from './promotion/step';
export * from './promotion/canonicalJson';
export * from './promotion/fold';
export * from './promotion/next';
export * from './promotion/rules';
export * from './promotion/automatic';
export * from './promotion/problems';
export type * from './rollback/choices';
export * from './rollback/planRollback';
export type * from './view/situation';
export { composePipelineView } from './view/composePipelineView';
export { findCandidate } from './view/candidate';
export { historyItem, promotionView, releaseRef } from './view/promotionView';
export { digestsIn, runningIn, type Running } from './view/running';
export type * from './api/views';
export { DeliveryProblem } from './api/DeliveryProblem';
export {
  createDeliveryClient,
  type DeliveryClient,
  type PipelineAnswer,
  type PipelineValidation,
  type ReadOptions,
  type RequestedRollback,
  type WriteOptions,
} from './api/createDeliveryClient';
