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

/**
 * What is recorded of each effect. A promotion without gates, canary and colours does not come to the
 * others; they die in the engine's own tests.
 */
const recordedAs: Readonly<Record<EffectKind, PromotionEventType | undefined>> =
  {
    writeCommit: 'committed',
    requestReconcile: 'reconcileRequested',
    orderEngine: undefined,
    restoreAnalysis: undefined,
    switchColours: undefined,
    retireColours: undefined,
  };

const kinds = Object.keys(effects) as readonly EffectKind[];

/** Every moment of a promotion without gates at which the portal may die, in the order in which they come. */
export const killPoints: readonly EffectPoint[] = recorded.flatMap(event => [
  ...kinds
    .filter(effect => recordedAs[effect] === event)
    .flatMap(effect =>
      effects[effect].map(where => ({ at: 'effect' as const, effect, where })),
    ),
  ...(['before', 'after'] as const).map(where => ({
    at: 'append' as const,
    event,
    where,
  })),
]);

/**
 * Kill points for each of so many deaths. Those that come last on the way come first, so that nobody
 * asks Flux any more once a commit waits for that.
 */
export function shareOut(deaths: number): readonly (readonly EffectPoint[])[] {
  return Array.from({ length: deaths }, (_, death) =>
    killPoints.filter((_point, index) => index % deaths === death).reverse(),
  );
}

/** A kill point in words, for example `before recording committed`. */
export function sayPoint(point: EffectPoint): string {
  return point.at === 'effect'
    ? `${point.where} ${point.effect}`
    : `${point.where} recording ${point.event}`;
}
