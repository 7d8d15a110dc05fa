// SPDX-License-Identifier: Apache-2.0
import {
  killPoints,
  type EffectKind,
  type PromotionEventType,
} from '@causeway/plugin-delivery-common';
import type { EffectPoint } from '@causeway/plugin-delivery-node';

/** Every point at which a process may die on the way of some effects and events, with its name. */
export function killPointsOf(
  effects: readonly EffectKind[],
  events: readonly PromotionEventType[],
): readonly (readonly [name: string, point: EffectPoint])[] {
  const points: readonly EffectPoint[] = [
    ...effects.flatMap(effect =>
      killPoints[effect].map(where => ({
        at: 'effect' as const,
        effect,
        where,
      })),
    ),
    ...events.flatMap(event =>
      (['before', 'after'] as const).map(where => ({
        at: 'append' as const,
        event,
        where,
      })),
    ),
  ];
  return points.map(point => [sayPoint(point), point] as const);
}

/** The name of a point. */
export function sayPoint(point: EffectPoint): string {
  return `${point.where} ${
    point.at === 'effect' ? point.effect : `recording ${point.event}`
  }`;
}
