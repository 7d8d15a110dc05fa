// SPDX-License-Identifier: Apache-2.0
import type { PromotionDetail } from '@causeway/plugin-delivery-common';
import { useState, type ReactNode } from 'react';
import { usePromotionPlan } from '../data/queries';
import { DeliveryDialog } from '../dialog/DeliveryDialog';
import { DialogColumns, DialogPart } from '../dialog/DialogLayout';
import { ReasonField } from '../dialog/ReasonField';
import { EvidencePart } from '../evidence/EvidencePart';
import { useDeliveryTranslation } from '../translation';
import { ChangesPanel } from './ChangesPanel';
import { ConsentPart } from './ConsentPart';
import { Consequences } from './Consequences';
import { MissingPanel } from './MissingPanel';
import { PlanReading } from './PlanReading';
import { EventList, PromotionFacts } from './PromotionFacts';
import {
  PromotionAside,
  promotionAction,
  promotionTitle,
} from './PromotionAside';
import { ReviewFooter } from './ReviewFooter';
import { usePlanConsent } from './usePlanConsent';
import { useDecision } from './useDecision';

/** A promotion that waits: what it changes, what is missing, and the decision of who may decide. */
export function ReviewDialog(props: {
  detail: PromotionDetail;
  notice?: ReactNode;
  onClose: () => void;
}) {
  const { t } = useDeliveryTranslation();
  const { detail, notice, onClose } = props;
  const { promotion } = detail;
  const [reason, setReason] = useState('');
  const approve = promotionAction(detail, 'approve');
  const isMine = approve?.allowed === true;
  const canDecide = detail.allowedActions.some(each => each.allowed);
  const { release } = promotion;
  const reading = usePromotionPlan(
    release.id === undefined
      ? undefined
      : {
          service: promotion.service,
          stage: promotion.stage,
          release: release.id,
        },
  );
  const plan = reading.status === 'ready' ? reading.value : undefined;
  const consent = usePlanConsent(plan);
  const decision = useDecision(promotion);
  const blocked = blockedBecause();

  // Not knowing what changes does not stop an approval: the gates are asked again before writing.
  function blockedBecause() {
    if (reading.status === 'loading') return t('promote.waitForPlan');
    if (consent.differences.length > 0) return t('promote.planChanged');
    if (plan && !consent.isGiven) return t('promote.tickFirst');
    return undefined;
  }

  return (
    <DeliveryDialog
      title={promotionTitle(promotion, t)}
      aside={<PromotionAside promotion={promotion} />}
      isDirty={reason.trim() !== ''}
      onPrimary={
        isMine && blocked === undefined
          ? () => decision.approve(reason)
          : undefined
      }
      onClose={onClose}
      footer={
        <ReviewFooter
          detail={detail}
          blocked={blocked}
          reason={reason}
          decision={decision}
          onClose={onClose}
        />
      }
    >
      {notice}
      <DialogColumns
        main={
          <>
            <PlanReading reading={reading} isAsked>
              {known => <ChangesPanel plan={known} />}
            </PlanReading>
            <EventList events={detail.events} folds />
          </>
        }
        side={
          <>
            <MissingPanel gates={promotion.gates} isMine={isMine} />
            {plan && (
              <Consequences
                title={isMine ? t('plan.ifApprove') : t('plan.next')}
                steps={plan.consequences}
              />
            )}
            <PromotionFacts promotion={promotion} folds />
            {promotion.release.id !== undefined && (
              <EvidencePart release={promotion.release.id} folds />
            )}
            {canDecide && (
              <DialogPart title={t('dialog.confirmTitle')}>
                <ReasonField
                  value={reason}
                  onChange={setReason}
                  needed={isMine ? 'toReject' : 'no'}
                />
                {isMine && plan && (
                  <ConsentPart plan={plan} consent={consent} />
                )}
              </DialogPart>
            )}
          </>
        }
      />
    </DeliveryDialog>
  );
}
