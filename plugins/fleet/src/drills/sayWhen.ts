// SPDX-License-Identifier: Apache-2.0
import type { DrillDetail } from '@causeway/plugin-delivery-common';
import {
  describeDuration,
  type SharedTranslate,
} from '@causeway/plugin-delivery-react';
import type { Translate } from '../translation';

/** When something is expected of a device: in which part of the drill, and how soon. */
export function sayWhen(
  expected: Pick<DrillDetail['findings'][number], 'during' | 'withinSeconds'>,
  t: Translate,
  shared: SharedTranslate,
): string {
  const { during, withinSeconds } = expected;
  const part = t(`drill.during.${during}`);
  if (withinSeconds === undefined) return part;
  const within = t('drill.within', {
    span: describeDuration(withinSeconds * 1_000, shared),
  });
  return during === 'throughout' ? within : `${within} ${part}`;
}
