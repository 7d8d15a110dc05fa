// SPDX-License-Identifier: Apache-2.0
import { Skeleton } from '@backstage/ui';
import type { PromotionDetail } from '@causeway/plugin-delivery-common';
import type { ReactNode } from 'react';
import {
  ActionButton,
  Delayed,
  OldDataNotice,
  ProblemPanel,
} from '@causeway/plugin-delivery-react';
import { usePromotion } from '../data/queries';
import { DeliveryDialog } from '../dialog/DeliveryDialog';
import { useDeliveryTranslation } from '../translation';
import { ProgressDialog } from './ProgressDialog';
import { ReviewDialog } from './ReviewDialog';

/**
 * One promotion by its id: what it would change while it waits, so that it can be decided here;
 * afterwards how far it has come and what proves it.
 */
export function PromotionDialog(props: { id: string; onClose: () => void }) {
  const { t } = useDeliveryTranslation();
  const { id, onClose } = props;
  const reading = usePromotion(id);
  if (reading.status === 'ready') {
    const notice = reading.problem && (
      <OldDataNotice
        problem={reading.problem}
        readAt={reading.readAt}
        onRetry={reading.retry}
      />
    );
    return <Known detail={reading.value} notice={notice} onClose={onClose} />;
  }
  const waiting = (
    <DeliveryDialog
      title={t('promotion.loading')}
      onClose={onClose}
      footer={
        <ActionButton variant="secondary" onPress={onClose}>
          {t('dialog.close')}
        </ActionButton>
      }
    >
      {reading.status === 'failed' ? (
        <ProblemPanel problem={reading.problem} onRetry={reading.retry} />
      ) : (
        <Skeleton width="100%" height={240} />
      )}
    </DeliveryDialog>
  );
  return reading.status === 'failed' ? waiting : <Delayed>{waiting}</Delayed>;
}

function Known(props: {
  detail: PromotionDetail;
  notice?: ReactNode;
  onClose: () => void;
}) {
  const { detail, notice, onClose } = props;
  const { promotion } = detail;
  const isToBeReviewed =
    promotion.phase === 'waiting' && promotion.kind === 'promotion';
  return isToBeReviewed ? (
    <ReviewDialog detail={detail} notice={notice} onClose={onClose} />
  ) : (
    <ProgressDialog detail={detail} notice={notice} onClose={onClose} />
  );
}
