// SPDX-License-Identifier: Apache-2.0
import type { PromotionDetail } from '@causeway/plugin-delivery-common';
import { useId, useState, type ReactNode } from 'react';
import { ActionButton, ProblemPanel } from '@causeway/plugin-delivery-react';
import { ReasonList } from '../action/ReasonList';
import { FooterLock } from '../dialog/DialogLayout';
import { useDeliveryTranslation } from '../translation';
import { promotionAction } from './PromotionAside';
import type { DecisionCommands } from './useDecision';

/**
 * Approve, reject, cancel, as far as the backend allows each. Rejecting and cancelling ask once more
 * in the same place; rejecting needs a reason.
 */
export function ReviewFooter(props: {
  detail: PromotionDetail;
  /** Why it may not be approved yet in this dialog. */
  blocked?: ReactNode;
  reason: string;
  decision: DecisionCommands;
  onClose: () => void;
}) {
  const { detail, blocked, reason, decision, onClose } = props;
  const [asking, setAsking] = useState<'reject' | 'cancel'>();
  const problem = decision.problem && <Refusal problem={decision.problem} />;
  if (asking) {
    return (
      <>
        {problem}
        <AskOnce
          kind={asking}
          version={detail.promotion.release.version}
          reason={reason}
          decision={decision}
          onBack={() => setAsking(undefined)}
        />
      </>
    );
  }
  return (
    <>
      {problem}
      <Choices
        detail={detail}
        blocked={blocked}
        reason={reason}
        decision={decision}
        onClose={onClose}
        onAsk={setAsking}
      />
    </>
  );
}

function Refusal(props: { problem: NonNullable<DecisionCommands['problem']> }) {
  const { t } = useDeliveryTranslation();
  return <ProblemPanel title={t('dialog.refused')} problem={props.problem} />;
}

function Choices(props: {
  detail: PromotionDetail;
  blocked?: ReactNode;
  reason: string;
  decision: DecisionCommands;
  onClose: () => void;
  onAsk: (kind: 'reject' | 'cancel') => void;
}) {
  const { t } = useDeliveryTranslation();
  const { detail, blocked, reason, decision, onClose, onAsk } = props;
  const noteId = useId();
  const approve = promotionAction(detail, 'approve');
  const canReject = promotionAction(detail, 'reject')?.allowed === true;
  const canCancel = promotionAction(detail, 'cancel')?.allowed === true;
  const refused =
    approve && !approve.allowed ? (
      <ReasonList reasons={approve.reasons} />
    ) : undefined;
  const notYet = refused ?? blocked;
  return (
    <>
      <FooterLock id={noteId} why={approve ? notYet : undefined} />
      <ActionButton
        variant="secondary"
        leaves={approve !== undefined}
        onPress={onClose}
      >
        {t('dialog.close')}
      </ActionButton>
      {canCancel && (
        <ActionButton variant="secondary" onPress={() => onAsk('cancel')}>
          {t('promotion.cancelPromotion')}
        </ActionButton>
      )}
      {canReject && (
        <ActionButton
          variant="secondary"
          destructive
          onPress={() => onAsk('reject')}
        >
          {t('promotion.reject')}
        </ActionButton>
      )}
      {approve && (
        <ActionButton
          variant="primary"
          blocked={notYet}
          reasonId={noteId}
          isPending={decision.isPending}
          onPress={() => decision.approve(reason)}
        >
          {t('promotion.approve', {
            version: detail.promotion.release.version,
          })}
        </ActionButton>
      )}
    </>
  );
}

function AskOnce(props: {
  kind: 'reject' | 'cancel';
  version: string;
  reason: string;
  decision: DecisionCommands;
  onBack: () => void;
}) {
  const { t } = useDeliveryTranslation();
  const { kind, version, reason, decision, onBack } = props;
  const noteId = useId();
  const needsReason = kind === 'reject' && reason.trim() === '';
  const note = needsReason ? t('promote.reasonFirst') : undefined;
  return (
    <>
      <FooterLock id={noteId} why={note} />
      <ActionButton variant="secondary" onPress={onBack}>
        {t('promotion.back')}
      </ActionButton>
      <ActionButton
        variant="primary"
        destructive
        blocked={note}
        reasonId={noteId}
        isPending={decision.isPending}
        onPress={() => decision[kind](reason)}
      >
        {kind === 'reject'
          ? t('promotion.rejectConfirm', { version })
          : t('promotion.cancelConfirm')}
      </ActionButton>
    </>
  );
}
