// SPDX-License-Identifier: Apache-2.0
import type {
  ObjectDiff,
  PromotionPlan,
} from '@causeway/plugin-delivery-common';
import type { Translate } from '../translation';

/** The rendered differences that do not come from the release. */
export function configurationChanges(
  plan: PromotionPlan,
): readonly ObjectDiff[] {
  return plan.diff.filter(object => object.configurationOnly);
}

/** Names the configuration-only content a person agreed to; other content has another mark. */
export function configurationMark(plan: PromotionPlan): string {
  return JSON.stringify(configurationChanges(plan));
}

/**
 * What differs between the plan a person read and the plan as it is now, in sentences. Gates that
 * pass meanwhile and times that move are no reason to read again; other content is.
 */
export function describePlanChange(
  read: PromotionPlan,
  current: PromotionPlan,
  t: Translate,
): readonly string[] {
  const sentences: string[] = [];
  if (read.replaces?.version !== current.replaces?.version) {
    const version = current.replaces?.version ?? t('stage.nothing');
    sentences.push(t('plan.differs.release', { version }));
  }
  if (JSON.stringify(read.diff) !== JSON.stringify(current.diff)) {
    sentences.push(t('plan.differs.manifests'));
  }
  if (failedGates(read) !== failedGates(current)) {
    sentences.push(t('plan.differs.gates'));
  }
  return sentences;
}

function failedGates(plan: PromotionPlan): string {
  return plan.gates
    .filter(gate => gate.verdict === 'failed')
    .map(gate => gate.gate)
    .join();
}
