// SPDX-License-Identifier: Apache-2.0

/**
 * What the delivery and the fleet pages share: the vocabulary of states, ages by one page clock,
 * and answers of the backend that stay while they are read again.
 *
 * @packageDocumentation
 */
export { ActionButton, type ActionButtonProps } from './action/ActionButton';
export {
  createDeliveryRuntime,
  DeliveryProvider,
  type DeliveryRuntime,
} from './data/DeliveryRuntime';
export { OldDataNotice, ProblemPanel } from './data/ProblemPanel';
export { problemOf, readingOf, type Reading } from './data/Reading';
export { useViewer } from './data/useViewer';
export { hasPipeline, PIPELINE_ANNOTATION } from './hasPipeline';
export { makePluginWrapper } from './data/wrapper';
export { StateMark, StateShape } from './state/StateMark';
export { useAnnouncement } from './state/useAnnouncement';
export {
  staleStateOf,
  toneOf,
  type MarkKey,
  type Tone,
} from './state/vocabulary';
export { ClockAhead } from './time/ClockAhead';
export { Delayed } from './time/Delayed';
export { describeInstant } from './time/describeInstant';
export { describeDuration, describeSpan } from './time/describeSpan';
export { Age, Expected, Moment } from './time/Moment';
export { useClock, usePageClock, type PageClock } from './time/PageClock';
export {
  deliveryReactTranslationRef,
  useSharedTranslation,
  type SharedTranslate,
} from './translation';
