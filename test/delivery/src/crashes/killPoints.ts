// SPDX-License-Identifier: Apache-2.0
import {
  killPoints as effects,
  type EffectKind,
  type PromotionEventType,
} from '@causeway/plugin-delivery-common';
import type { EffectPoint } from '@causeway/plugin-delivery-node';

/** What the portal records on the way of a promotion without gates, after it was asked for. */
export const recorded: readonly PromotionEventType[] = [
  'gatesPassed',
  'committed',
  'reconcileRequested',
  'targetApplied',
  'succeeded',
];

const kinds = Object.keys(effects) as readonly EffectKind[];

/** Every moment of a promotion without gates at which the portal may die. */
export const killPoints: readonly EffectPoint[] = [
  ...kinds.flatMap(effect =>
    effects[effect].map(where => ({ at: 'effect' as const, effect, where })),
  ),
  ...recorded.flatMap(event =>
    (['before', 'after'] as const).map(where => ({
      at: 'append' as const,
      event,
      where,
    })),
  ),
];

/** A kill point in words, for example `before recording committed`. */
export function sayPoint(point: EffectPoint): string {
  return point.at === 'effect'
    ? `${point.where} ${point.effect}`
    : `${point.where} recording ${point.event}`;
}
