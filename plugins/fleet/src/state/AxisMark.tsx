// SPDX-License-Identifier: Apache-2.0
import type { AxisName } from '@causeway/plugin-delivery-common';
import {
  StateMark,
  useSharedTranslation,
} from '@causeway/plugin-delivery-react';
import { useFleetTranslation, type Translate } from '../translation';
import { markOf, wordOf } from './axisMarks';

/** A device's state on one axis, as the API tells it. */
export interface ToldAxis {
  readonly state: string;
  readonly was?: string;
}

/**
 * A device's state on one axis: shape, word and colour. What is unknown keeps its last word in the
 * past tense. A state without a mark is plain text.
 */
export function AxisMark(props: {
  axis: AxisName;
  told: ToldAxis;
  headline?: boolean;
}) {
  const { t } = useFleetTranslation();
  const { t: shared } = useSharedTranslation();
  const { axis, told, headline } = props;
  const mark = markOf(axis, told.state);
  const word = isPast(told)
    ? shared('state.was', { word: lowerFirst(axis, told.was, t) })
    : wordOf(axis, told.state, t);
  if (!mark) return <span>{word}</span>;
  return <StateMark state={mark} word={word} headline={headline} />;
}

function isPast(told: ToldAxis): told is ToldAxis & { was: string } {
  return told.state === 'unknown' && told.was !== undefined;
}

function lowerFirst(axis: AxisName, state: string, t: Translate): string {
  const word = wordOf(axis, state, t);
  return word.charAt(0).toLocaleLowerCase() + word.slice(1);
}
