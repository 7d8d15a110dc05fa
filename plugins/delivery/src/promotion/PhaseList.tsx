// SPDX-License-Identifier: Apache-2.0
import type { PromotionDetail } from '@causeway/plugin-delivery-common';
import { Moment, StateShape } from '@causeway/plugin-delivery-react';
import { DialogPart } from '../dialog/DialogLayout';
import { useDeliveryTranslation } from '../translation';
import { phaseSteps } from './phaseSteps';
import styles from './PromotionDetail.module.css';

/** How far a promotion has come, step by step with times. */
export function PhaseList(props: { detail: PromotionDetail }) {
  const { t } = useDeliveryTranslation();
  return (
    <DialogPart title={t('promotion.progress')}>
      <ol className={styles.phases}>
        {phaseSteps(props.detail).map(({ step, state, at }) => (
          <li key={step} data-state={state}>
            <StateShape state={state} size={16} />
            <span>
              {t(`phase.${step}`)}
              <span className={styles.quiet}>{at && <Moment at={at} />}</span>
            </span>
          </li>
        ))}
      </ol>
    </DialogPart>
  );
}
