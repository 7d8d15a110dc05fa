// SPDX-License-Identifier: Apache-2.0
import { Skeleton, VisuallyHidden } from '@backstage/ui';
import { useDeliveryTranslation } from '../translation';
import styles from './Pipeline.module.css';

/** The pipeline in its final size, before its first answer. */
export function PipelineSkeleton() {
  const { t } = useDeliveryTranslation();
  return (
    <div className={styles.page} role="status">
      <VisuallyHidden>{t('tab.loading')}</VisuallyHidden>
      <Skeleton width="100%" height={56} />
      <div className={styles.skeletonRail}>
        {[0, 1, 2, 3, 4, 5].map(column => (
          <Skeleton key={column} width="100%" height={340} />
        ))}
      </div>
      <Skeleton width="100%" height={220} />
    </div>
  );
}
