// SPDX-License-Identifier: Apache-2.0
import {
  createServiceFactory,
  createServiceRef,
} from '@backstage/backend-plugin-api';
import type {
  EffectKind,
  PromotionEventType,
} from '@causeway/plugin-delivery-common';

/**
 * A moment right before or after the portal does something for a promotion: an effect on Git or a
 * cluster, or the record of an event.
 *
 * @public
 */
export type EffectPoint =
  | {
      readonly at: 'effect';
      readonly effect: EffectKind;
      readonly where: 'before' | 'after';
    }
  | {
      readonly at: 'append';
      readonly event: PromotionEventType;
      readonly where: 'before' | 'after';
    };

/**
 * Sees every step of every promotion. The promotion rests while `onEffect` has not settled, and an
 * exception counts as a failure of the step, which is tried again. Steps that were not recorded when
 * the process died are seen again after its restart.
 *
 * @public
 */
export interface PromotionWitness {
  onEffect(point: EffectPoint): Promise<void> | void;
}

/**
 * The witness of the delivery plugin. The default sees and does nothing. Tests of crashes put one in
 * its place that ends the process, with `createServiceFactory({ service: promotionWitnessServiceRef, … })`.
 *
 * @public
 */
export const promotionWitnessServiceRef = createServiceRef<PromotionWitness>({
  id: 'delivery.promotion-witness',
  scope: 'plugin',
  defaultFactory: async service =>
    createServiceFactory({
      service,
      deps: {},
      factory: () => ({ onEffect: () => {} }),
    }),
});
