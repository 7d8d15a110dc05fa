// SPDX-License-Identifier: Apache-2.0
import { Alert, Skeleton } from '@backstage/ui';
import type { PromotionPlan } from '@causeway/plugin-delivery-common';
import type { ReactNode } from 'react';
import {
  Delayed,
  OldDataNotice,
  ProblemPanel,
  type Reading,
} from '@causeway/plugin-delivery-react';
import { ReasonList } from '../action/ReasonList';
import { useDeliveryTranslation } from '../translation';

/** What a plan says about the promotion that is being looked at itself, which is no news. */
const ITSELF = ['alreadyRequested', 'promotionRunning'];

/** Shows a plan when it is known, and until then why not. */
export function PlanReading(props: {
  reading: Reading<PromotionPlan>;
  /** The promotion was asked for already; that it stands in its own way is left out. */
  isAsked?: boolean;
  children: (plan: PromotionPlan) => ReactNode;
}) {
  const { t } = useDeliveryTranslation();
  const { reading, isAsked, children } = props;
  if (reading.status === 'loading') {
    return (
      <Delayed>
        <div role="status" aria-label={t('changes.loading')}>
          <Skeleton width="60%" height={22} />
          <Skeleton width="100%" height={160} style={{ marginTop: 12 }} />
        </div>
      </Delayed>
    );
  }
  if (reading.status === 'failed') {
    return <ProblemPanel problem={reading.problem} onRetry={reading.retry} />;
  }
  const problems = reading.value.problems.filter(
    problem => !(isAsked && ITSELF.includes(problem.code)),
  );
  return (
    <>
      {reading.problem && (
        <OldDataNotice
          problem={reading.problem}
          readAt={reading.readAt}
          onRetry={reading.retry}
        />
      )}
      {problems.length > 0 && (
        <Alert
          status="warning"
          icon
          title={t('plan.problems')}
          description={<ReasonList reasons={problems} />}
        />
      )}
      {children(reading.value)}
    </>
  );
}
