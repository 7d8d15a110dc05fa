// SPDX-License-Identifier: Apache-2.0
import { Alert, Skeleton } from '@backstage/ui';
import type { RollbackPlan } from '@causeway/plugin-delivery-common';
import {
  Delayed,
  ProblemPanel,
  type Reading,
} from '@causeway/plugin-delivery-react';
import { ReasonList } from '../action/ReasonList';
import { DialogPart } from '../dialog/DialogLayout';
import { Consequences } from '../promotion/Consequences';
import { RenderedDiff } from '../promotion/RenderedDiff';
import { useDeliveryTranslation } from '../translation';

/** What a rollback would do, in words, and what stands in the way. */
export function RollbackPlanPart(props: { reading: Reading<RollbackPlan> }) {
  const { t } = useDeliveryTranslation();
  const { reading } = props;
  if (reading.status === 'loading') {
    return (
      <Delayed>
        <Skeleton width="100%" height={80} />
      </Delayed>
    );
  }
  if (reading.status === 'failed') {
    return <ProblemPanel problem={reading.problem} onRetry={reading.retry} />;
  }
  const { stages, consequences } = reading.value;
  const problems = stages.flatMap(stage => stage.problems);
  return (
    <>
      <Consequences title={t('rollback.consequences')} steps={consequences} />
      {problems.length > 0 && (
        <Alert
          status="warning"
          icon
          title={t('plan.problems')}
          description={<ReasonList reasons={problems} />}
        />
      )}
    </>
  );
}

/** What a rollback would change, as the clusters will get it. */
export function RollbackDiff(props: { reading: Reading<RollbackPlan> }) {
  const { t } = useDeliveryTranslation();
  const { reading } = props;
  if (reading.status !== 'ready') return null;
  const objects = reading.value.stages.flatMap(stage => stage.diff ?? []);
  if (objects.length === 0) return null;
  return (
    <DialogPart title={t('rollback.changes')} folds>
      {objects.map(object => (
        <RenderedDiff
          key={`${object.cluster}/${object.kind}/${object.name}`}
          object={object}
        />
      ))}
    </DialogPart>
  );
}
