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
export { describeWorkload } from './cluster/describeWorkload';
export * from './cluster/describeColours';
export * from './cluster/parseImage';
export * from './cluster/parseRevision';
export type * from './cluster/observed';
export type * from './cluster/targetState';
export * from './canary/run/canaryRun';
export { describeFlagger, primaryOf } from './canary/run/describeFlagger';
export { describeRollout, pauseNameOf } from './canary/run/describeRollout';
export { isUnobserved } from './canary/run/rolloutTrust';
export { describeRolloutWorkload } from './canary/run/describeRolloutWorkload';
export type * from './canary/run/observedCanary';
export type * from './canary/run/observedRollout';
export * from './canary/order/engineOrder';
export {
  answerAtPause,
  orderFor,
  type OrderSituation,
  type WantedOrder,
} from './canary/order/orderFor';
export * from './canary/run/timeline';
export { untoldImages } from './canary/run/untoldImages';
export * from './canary/gate/answerGate';
export * from './canary/canaryOutcome';
export { minuteSeries } from './canary/view/minuteSeries';
export {
  canaryView,
  type CanaryOfTarget,
  type CanarySituation,
} from './canary/view/canaryView';
export { usualCanaryStrategy } from './pipeline/strategy';
export type * from './pipeline/pipeline';
export { areNodeGroups, haveOverlays } from './pipeline/pipeline';
export { parseDuration } from './pipeline/duration';
export {
  parsePipeline,
  type PipelineContext,
  type PipelineParsing,
} from './pipeline/parsePipeline';
export { default as pipelineSchema } from './pipeline/pipeline.schema.json';
export * from './evidence/evidence';
export { evidenceProblem } from './evidence/recogniseEvidence';
export type * from './release/release';
export { compareVersions } from './release/compareVersions';
export {
  parseReleaseReport,
  type ReleaseReportParsing,
  type ReleaseReportProblem,
} from './release/parseReleaseReport';
export { NOT_RELEASED } from './release/notReleased';
export { releaseView } from './release/releaseView';
export type * from './gates/verdict';
export * from './gates/known';
export * from './gates/facts';
export type * from './gates/question';
export type * from './gates/stageDevices';
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
export { steer, type SteeringWish } from './promotion/steer';
export {
  chooseColours,
  neverSwitched,
  retirementOf,
  type BlueGreenProgress,
  type ColourChoice,
  type ColourChoices,
  type Retirement,
} from './promotion/blueGreen';
export { watchEnd } from './promotion/followColours';
export { declares } from './promotion/declares';
export { sayArrival, type ArrivingRelease } from './promotion/sayArrival';
export * from './promotion/automatic';
export * from './promotion/problems';
export type * from './rollback/choices';
export * from './rollback/planRollback';
export type * from './view/situation';
export { composePipelineView } from './view/composePipelineView';
export { findCandidate } from './view/candidate';
export { historyItem, promotionView, releaseRef } from './view/promotionView';
export { digestsIn, runningIn, type Running } from './view/running';
export * from './fleet/device';
export type * from './fleet/incident';
export type * from './fleet/observed';
export * from './fleet/identifyDevice';
export * from './fleet/describeConnectivity';
export * from './fleet/limits';
export * from './fleet/describeHealth';
export * from './fleet/describeMeasuring';
export * from './fleet/describeWorkloads';
export * from './fleet/describeDevice';
export * from './fleet/describeTwin';
export * from './fleet/checkTwinEdit';
export * from './fleet/twinChange';
export * from './fleet/findIncidents';
export * from './fleet/inventory';
export * from './fleet/parseInventory';
export * from './fleet/deviceRecord';
export * from './fleet/deviceFilter';
export * from './fleet/devicePage';
export * from './fleet/summarise';
export * from './action/actionKind';
export * from './action/operatorHold';
export { actionKindView, parameterProblem } from './action/actionKindView';
export {
  whyNotUpgradeEdgeCore,
  whyNotUpgradeK3s,
  type K3sUpgrade,
} from './action/upgradeRules';
export {
  edgeCoreUpgradeKind,
  hasEdgeRole,
  isServer,
  k3sUpgradeKind,
  whyHeld,
  type UpgradeSettings,
} from './action/upgradeKinds';
export {
  canBeExpected,
  osUpgradeId,
  osUpgradeKind,
  osUpgradeParameter,
  saySystem,
  whyAlready,
  whyNotAsExpected,
  type ExpectedSystem,
  type OsUpgrade,
  type ToldSystem,
} from './action/osUpgradeKind';
export * from './action/parseActionParameters';
export * from './action/deviceAction';
export * from './action/foldAction';
export * from './action/nextActionStep';
export * from './action/planActions';
export * from './drill/drillKind';
export * from './drill/catalogue';
export * from './drill/drill';
export type * from './drill/drillEvent';
export * from './drill/mayDrill';
export * from './drill/startDrill';
export * from './drill/nextDrillStep';
export { expectationOf } from './drill/judgeExpectations';
export type * from './api/views';
export { DeliveryProblem } from './api/DeliveryProblem';
export { createDeliveryClient } from './api/createDeliveryClient';
export type {
  ConditionalAnswer,
  ConditionalOptions,
  ReadOptions,
  WriteOptions,
} from './api/Connection';
export type {
  DeliveryClient,
  PipelineValidation,
  RequestedRollback,
} from './api/DeliveryClient';
export type { DrillClient } from './api/DrillClient';
export type {
  FleetActionClient,
  FleetActionQuestion,
} from './api/FleetActionClient';
export type { FleetClient } from './api/FleetClient';
export {
  judgeCanary,
  type CanaryDecision,
  type CanaryFault,
  type CanaryFindings,
  type CanaryVerdict,
} from './canary/judge/judgeCanary';
export type {
  ArmMinute,
  CanaryMinute,
  CanaryPlan,
  CheckSample,
} from './canary/judge/minutes';
export {
  defaultCanaryPolicy,
  defaultJudgeParameters,
  type CanaryPolicy,
  type JudgeParameters,
  type QuantilePolicy,
} from './canary/judge/policy';
export {
  judgeSwitch,
  type SwitchFindings,
  type SwitchLatency,
  type SwitchPolicy,
  type SwitchVerdict,
} from './canary/judge/judgeSwitch';
export type { CanaryGate } from './canary/judge/gates';
export {
  checkWindow,
  type CheckMeasure,
  type CheckRule,
  type CustomCheck,
} from './canary/judge/checks/customCheck';
export type { CheckFindings } from './canary/judge/checks/checkQuestion';
export {
  armPlaceholders,
  fillTemplate,
  isSelector,
  templateProblem,
} from './canary/queryTemplate';
export type { ErrorFindings } from './canary/judge/errors';
export type { LatencyFindings, QuantileFindings } from './canary/judge/latency';
export type { ResourceFindings } from './canary/judge/resources';
export type { LeakFit } from './canary/judge/fitLeak';
export * from './wave/decision';
export type * from './wave/device';
export type { DeviceReadings, Preconditions } from './wave/preconditions';
export {
  defaultWavePolicy,
  wavePolicyFor,
  wavePolicyProblems,
  type RingRule,
  type WaveMode,
  type WavePolicy,
} from './wave/policy';
export { previewWave, type WavePreview } from './wave/preview';
export { ringNames } from './wave/planOrder';
export { sayPolicy } from './wave/sayPolicy';
export {
  startWave,
  type WavePause,
  type WaveQuestion,
  type WaveStop,
  type WaveState,
} from './wave/state';
export { decideWave } from './wave/decideWave';
export * from './wave/report';
export {
  checkReadings,
  healthChecksFor,
  type HealthChecks,
  type HealthCheckName,
  type HealthCheckSeen,
  type HealthChecksSeen,
  type HealthCheckTallies,
  type HealthCheckTally,
  type HttpCheck,
  type JobCheck,
} from './wave/healthChecks';
export { healthChecksDue } from './wave/proveHealth';
export { isPullWanted } from './wave/start';
export { tallyWave } from './wave/tally';
export { unobservedSince } from './wave/unobserved';
export {
  runningContent,
  waveOf,
  type PromotionOfWave,
} from './promotion/waveOf';
export * from './cluster/describeDaemonSet';
export { speakingTargets } from './cluster/speakingTargets';
export { targetFor } from './wave/state';
export { explainWave, type DeviceInWaveView } from './wave/explain';
