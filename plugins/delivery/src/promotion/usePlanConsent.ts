// SPDX-License-Identifier: Apache-2.0
import type { PromotionPlan } from '@causeway/plugin-delivery-common';
import { useState } from 'react';
import { useDeliveryTranslation } from '../translation';
import {
  configurationChanges,
  configurationMark,
  describePlanChange,
} from './planChange';

/**
 * What a person has agreed to of a plan that may change while it is shown. The tick belongs to the
 * configuration-only content it was given for; other content needs another tick. `differences` says
 * what is no longer as it was first shown, until the person reads on.
 */
export function usePlanConsent(plan: PromotionPlan | undefined) {
  const { t } = useDeliveryTranslation();
  const [read, setRead] = useState<PromotionPlan>();
  const [tickedMark, setTickedMark] = useState<string>();
  if (plan && (!read || !isSameQuestion(read, plan))) setRead(plan);

  const needsTick = plan !== undefined && configurationChanges(plan).length > 0;
  const isTicked = plan !== undefined && tickedMark === configurationMark(plan);
  return {
    needsTick,
    isTicked,
    setTicked: (ticked: boolean) =>
      setTickedMark(ticked && plan ? configurationMark(plan) : undefined),
    differences: read && plan ? describePlanChange(read, plan, t) : [],
    readOn: () => setRead(plan),
    isGiven: plan !== undefined && (!needsTick || isTicked),
  };
}

function isSameQuestion(one: PromotionPlan, other: PromotionPlan): boolean {
  return one.stage === other.stage && one.release.id === other.release.id;
}
