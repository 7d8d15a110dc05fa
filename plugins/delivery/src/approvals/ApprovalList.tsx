// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import { Button, Link, Text } from '@backstage/ui';
import type { ApprovalItem } from '@causeway/plugin-delivery-common';
import { Age, StateShape } from '@causeway/plugin-delivery-react';
import { PersonName } from '../people/PersonName';
import { usePipelinePath } from '../pipeline/contextMenu';
import { useDeliveryTranslation } from '../translation';
import styles from './DeliveryPage.module.css';

/** Promotions that wait for an approval, with who asked and since when. */
export function ApprovalList(props: {
  title: string;
  none: string;
  items: readonly ApprovalItem[];
  onReview: (promotion: string) => void;
}) {
  const { t } = useDeliveryTranslation();
  const { title, none, items, onReview } = props;
  return (
    <section className={styles.card} aria-label={title}>
      <header className={styles.header}>
        <Text as="h2" variant="body-large" weight="bold">
          {title}
        </Text>
        {items.length > 0 && (
          <span className={styles.quiet}>
            {t('approvals.summary', { count: items.length })}
          </span>
        )}
      </header>
      {items.length === 0 ? (
        <p className={styles.quiet}>{none}</p>
      ) : (
        <ul className={styles.list}>
          {items.map(item => (
            <Item key={item.promotion.id} item={item} onReview={onReview} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Item(props: {
  item: ApprovalItem;
  onReview: (promotion: string) => void;
}) {
  const { t } = useDeliveryTranslation();
  const pathOf = usePipelinePath();
  const { item, onReview } = props;
  const { promotion } = item;
  const { name } = parseEntityRef(promotion.service);
  const { version } = promotion.release;
  const path = pathOf(promotion.service);
  return (
    <li className={styles.item}>
      <StateShape state={item.mine ? 'you' : 'wait'} size={16} />
      <div className={styles.text}>
        <p>
          <b>{path ? <Link href={path}>{name}</Link> : name}</b>{' '}
          {t('approvals.to', {
            version,
            stage: promotion.stageTitle ?? promotion.stage,
          })}
        </p>
        <p className={styles.quiet}>
          {t('approvals.askedBy')} <PersonName of={promotion.requestedBy} />,{' '}
          <Age since={item.waitingSince} as="waiting" />
        </p>
        {promotion.reason && (
          <p className={styles.quiet}>“{promotion.reason}”</p>
        )}
        {!item.mine && item.whyNot && (
          <p className={styles.quiet}>{item.whyNot}</p>
        )}
      </div>
      <Button
        variant="secondary"
        className={styles.review}
        aria-label={t('approvals.reviewOf', { version, service: name })}
        onPress={() => onReview(promotion.id)}
      >
        {t('approvals.review')}
      </Button>
    </li>
  );
}
