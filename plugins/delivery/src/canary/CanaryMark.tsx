// SPDX-License-Identifier: Apache-2.0
import { VisuallyHidden } from '@backstage/ui';
import type {
  CanaryTargetView,
  CanaryView,
} from '@causeway/plugin-delivery-common';
import {
  type MarkKey,
  StateMark,
  useAnnouncement,
  useClock,
} from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation } from '../translation';
import { situationMark, verdictMark } from './canaryMarks';

const MINUTE = 60_000;

/** Minutes before the end of a soak at which a screen reader hears of it; otherwise the clock is silent. */
const SPOKEN_MINUTES = [1, 5];

/**
 * What a canary does now in a word. A screen reader hears when that or the verdict changes, at once
 * when something is taken back.
 */
export function CanaryMark(props: {
  view: CanaryView;
  stage: string;
  isOld: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const { view, stage, isOld } = props;
  const target = worst(view.targets);
  const isPast = isOld || target?.unknown !== undefined;
  // The clock answers with primitives only, so that the view renders when the answer differs.
  const [state, word] = useClock(now => {
    const mark = situationMark(view, target, { now, isPast }, t);
    return `${mark.state}|${mark.word}`;
  }).split(/\|(.*)/s) as [MarkKey, string];
  const left = useClock(now => minutesLeft(target, now) ?? 0);
  const said = [
    t('canary.spoken', {
      stage,
      situation: word,
      verdict: verdictMark(target?.verdict, isPast ? 'isPast' : 'now', t).word,
    }),
    left > 0 ? t('canary.spokenLeft', { count: left }) : '',
  ];
  const spoken = useAnnouncement(said.filter(Boolean).join(' '));
  const isUrgent =
    state === 'back' ||
    state === 'bad' ||
    target?.verdict?.decision === 'rollBack';
  return (
    <>
      <StateMark state={state} word={word} headline />
      <VisuallyHidden>
        <span aria-live={isUrgent ? 'assertive' : 'polite'}>{spoken}</span>
      </VisuallyHidden>
    </>
  );
}

/** The target that a promotion waits for: one out of sight, else the one with the least traffic. */
function worst(
  targets: readonly CanaryTargetView[],
): CanaryTargetView | undefined {
  const rank = ({ unknown, weight }: CanaryTargetView) =>
    unknown ? -1 : weight;
  return [...targets].sort((one, other) => rank(one) - rank(other))[0];
}

function minutesLeft(
  target: CanaryTargetView | undefined,
  now: number,
): number | undefined {
  const until = target?.steps.find(({ state }) => state === 'current')?.until;
  if (!until) return undefined;
  const left = Date.parse(until) - now;
  if (left <= 0) return undefined;
  return SPOKEN_MINUTES.find(minutes => left <= minutes * MINUTE);
}
