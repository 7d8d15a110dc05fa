// SPDX-License-Identifier: Apache-2.0
import { useSharedTranslation } from '../translation';
import { describeInstant } from './describeInstant';
import { describeSpan } from './describeSpan';
import { useClock } from './PageClock';

/**
 * A moment in the local zone; UTC in the tooltip.
 *
 * @public
 */
export function Moment(props: { at: string }) {
  const at = Date.parse(props.at);
  const text = useClock(now => describeInstant(at, now));
  return (
    <time dateTime={props.at} title={utc(at)}>
      {text}
    </time>
  );
}

/**
 * How long ago something was, as part of a sentence: "38 min ago", "for 38 min", "seen 3 s ago",
 * "waiting for 2 h". Steps with the page clock; the exact time is in the tooltip.
 *
 * @public
 */
export function Age(props: {
  since: string;
  as: 'ago' | 'for' | 'seen' | 'read' | 'waiting' | 'lastSeen';
}) {
  const { t } = useSharedTranslation();
  const since = Date.parse(props.since);
  const span = useClock(now => describeSpan(now - since, t));
  return (
    <time dateTime={props.since} title={utc(since)}>
      {t(`age.${props.as}`, { span })}
    </time>
  );
}

/**
 * When something is expected: the moment, and how far away it is while it lies ahead.
 *
 * @public
 */
export function Expected(props: { at: string }) {
  const { t } = useSharedTranslation();
  const at = Date.parse(props.at);
  const text = useClock(now => {
    const when = describeInstant(at, now);
    return at > now
      ? t('age.expectedIn', { when, span: describeSpan(at - now, t) })
      : t('age.expected', { when });
  });
  return (
    <time dateTime={props.at} title={utc(at)}>
      {text}
    </time>
  );
}

function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
