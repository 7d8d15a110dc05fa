// SPDX-License-Identifier: Apache-2.0
import { Skeleton } from '@backstage/ui';
import {
  ActionButton,
  Delayed,
  ProblemPanel,
  StateMark,
} from '@causeway/plugin-delivery-react';
import { usePromotion } from '../data/queries';
import { DeliveryDialog } from '../dialog/DeliveryDialog';
import { FooterNote } from '../dialog/DialogLayout';
import { PhaseList } from '../promotion/PhaseList';
import { PromotionProblem, TargetProofs } from '../promotion/PromotionFacts';
import { promotionTitle } from '../promotion/PromotionAside';
import { useDeliveryTranslation } from '../translation';
import layout from '../dialog/DialogLayout.module.css';
import styles from './Rollback.module.css';

/** How far each stage of a rollback has come. */
export function RollbackProgress(props: {
  title: string;
  promotions: readonly string[];
  onClose: () => void;
}) {
  const { t } = useDeliveryTranslation();
  const { title, promotions, onClose } = props;
  return (
    <DeliveryDialog
      title={title}
      aside={t('rollback.started')}
      width={1060}
      onClose={onClose}
      footer={
        <>
          <FooterNote>{t('rollback.startedExplain')}</FooterNote>
          <ActionButton variant="primary" onPress={onClose}>
            {t('dialog.close')}
          </ActionButton>
        </>
      }
    >
      <ul className={styles.rows}>
        {promotions.map(id => (
          <li key={id}>
            <StageProgress id={id} />
          </li>
        ))}
      </ul>
    </DeliveryDialog>
  );
}

function StageProgress(props: { id: string }) {
  const { t } = useDeliveryTranslation();
  const reading = usePromotion(props.id);
  if (reading.status === 'loading') {
    return (
      <Delayed>
        <Skeleton width="100%" height={120} />
      </Delayed>
    );
  }
  if (reading.status === 'failed') {
    return <ProblemPanel problem={reading.problem} onRetry={reading.retry} />;
  }
  const { promotion } = reading.value;
  return (
    <article className={layout.panel} aria-label={promotionTitle(promotion, t)}>
      <header className={layout.header}>
        <b>{promotionTitle(promotion, t)}</b>
        <StateMark
          state={promotion.state.key}
          word={promotion.state.word}
          headline
        />
      </header>
      <PromotionProblem promotion={promotion} />
      <PhaseList detail={reading.value} />
      <TargetProofs promotion={promotion} />
    </article>
  );
}
