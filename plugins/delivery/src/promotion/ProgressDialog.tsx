// SPDX-License-Identifier: Apache-2.0
import type { PromotionDetail } from '@causeway/plugin-delivery-common';
import { useState, type ReactNode } from 'react';
import { CanaryPanel } from '../canary/CanaryPanel';
import { DeliveryDialog } from '../dialog/DeliveryDialog';
import { DialogColumns, DialogPart } from '../dialog/DialogLayout';
import { ReasonField } from '../dialog/ReasonField';
import { EvidencePart } from '../evidence/EvidencePart';
import { useDeliveryTranslation } from '../translation';
import { MissingPanel } from './MissingPanel';
import { PhaseList } from './PhaseList';
import {
  EventList,
  PromotionFacts,
  PromotionProblem,
  TargetProofs,
} from './PromotionFacts';
import {
  PromotionAside,
  promotionAction,
  promotionTitle,
} from './PromotionAside';
import styles from './PromotionDetail.module.css';
import { ReviewFooter } from './ReviewFooter';
import { useDecision } from './useDecision';

/** A promotion that moves or has ended: how far it came, what proves it, and what happened. */
export function ProgressDialog(props: {
  detail: PromotionDetail;
  notice?: ReactNode;
  onClose: () => void;
}) {
  const { t } = useDeliveryTranslation();
  const { detail, notice, onClose } = props;
  const { promotion } = detail;
  const [reason, setReason] = useState('');
  const decision = useDecision(promotion);
  const canCancel = promotionAction(detail, 'cancel')?.allowed === true;
  return (
    <DeliveryDialog
      title={promotionTitle(promotion, t)}
      aside={<PromotionAside promotion={promotion} />}
      isDirty={reason.trim() !== ''}
      onClose={onClose}
      footer={
        <ReviewFooter
          detail={detail}
          reason={reason}
          decision={decision}
          onClose={onClose}
        />
      }
    >
      {notice}
      {promotion.canary && (
        <div className={styles.canary}>
          <CanaryPanel promotion={promotion} />
        </div>
      )}
      <DialogColumns
        main={
          <>
            <PromotionProblem promotion={promotion} />
            <PhaseList detail={detail} />
            <TargetProofs promotion={promotion} />
            <EventList events={detail.events} />
          </>
        }
        side={
          <>
            <PromotionFacts promotion={promotion} />
            {promotion.gates.length > 0 && (
              <MissingPanel gates={promotion.gates} isMine={false} />
            )}
            {promotion.release.id !== undefined && (
              <EvidencePart release={promotion.release.id} />
            )}
            {canCancel && (
              <DialogPart title={t('dialog.confirmTitle')}>
                <ReasonField value={reason} onChange={setReason} needed="no" />
              </DialogPart>
            )}
          </>
        }
      />
    </DeliveryDialog>
  );
}
