// SPDX-License-Identifier: Apache-2.0
import type { ApprovalItem } from '@causeway/plugin-delivery-common';
import { useApprovals } from '../data/queries';
import { useOpenDialog } from '../pipeline/openDialog';
import { PromotionDialog } from '../promotion/PromotionDialog';
import { useDeliveryTranslation } from '../translation';
import { ApprovalList } from './ApprovalList';
import { ClusterLine } from './ClusterLine';
import styles from './DeliveryPage.module.css';
import { Skeleton, VisuallyHidden } from '@backstage/ui';
import {
  Delayed,
  OldDataNotice,
  ProblemPanel,
} from '@causeway/plugin-delivery-react';

/** What waits for an approval, first what waits for the person who looks. */
export function DeliveryPage() {
  const { t } = useDeliveryTranslation();
  const reading = useApprovals();
  return (
    <main className={styles.page}>
      <ClusterLine />
      {reading.status === 'loading' && (
        <Delayed>
          <div role="status">
            <VisuallyHidden>{t('tab.loading')}</VisuallyHidden>
            <Skeleton width="100%" height={160} />
          </div>
        </Delayed>
      )}
      {reading.status === 'failed' && (
        <ProblemPanel problem={reading.problem} onRetry={reading.retry} />
      )}
      {reading.status === 'ready' && (
        <>
          {reading.problem && (
            <OldDataNotice
              problem={reading.problem}
              readAt={reading.readAt}
              onRetry={reading.retry}
            />
          )}
          <Lists items={reading.value} />
        </>
      )}
    </main>
  );
}

function Lists(props: { items: readonly ApprovalItem[] }) {
  const { t } = useDeliveryTranslation();
  const { open, show, close } = useOpenDialog();
  const review = (id: string) => show({ kind: 'promotion', id });
  return (
    <>
      <ApprovalList
        title={t('approvals.title')}
        none={t('approvals.none')}
        items={props.items.filter(item => item.mine)}
        onReview={review}
      />
      <ApprovalList
        title={t('approvals.others')}
        none={t('approvals.othersNone')}
        items={props.items.filter(item => !item.mine)}
        onReview={review}
      />
      {open?.kind === 'promotion' && (
        <PromotionDialog key={open.id} id={open.id} onClose={close} />
      )}
    </>
  );
}
