// SPDX-License-Identifier: Apache-2.0
import type { PromotionDetail } from '@causeway/plugin-delivery-common';
import { Age, StateMark } from '@causeway/plugin-delivery-react';
import { PersonName } from '../people/PersonName';
import { useDeliveryTranslation, type Translate } from '../translation';

type Promotion = PromotionDetail['promotion'];

/** Beside the title of a promotion: its state, who asked and when. */
export function PromotionAside(props: { promotion: Promotion }) {
  const { t } = useDeliveryTranslation();
  const { state, requestedBy, requestedAt } = props.promotion;
  return (
    <>
      <StateMark state={state.key} word={state.word} headline />
      <span>
        {t('promotion.requested')} <PersonName of={requestedBy} />,{' '}
        <Age since={requestedAt} as="ago" />
      </span>
    </>
  );
}

/** The title of a promotion or of a rollback. */
export function promotionTitle(promotion: Promotion, t: Translate): string {
  const names = {
    version: promotion.release.version,
    stage: promotion.stageTitle ?? promotion.stage,
  };
  return promotion.kind === 'rollback'
    ? t('promotion.rollbackTitle', names)
    : t('promote.title', names);
}

/** What the backend said about one action on a promotion. */
export function promotionAction(
  detail: PromotionDetail,
  action: 'approve' | 'reject' | 'cancel',
) {
  return detail.allowedActions.find(each => each.action === action);
}
