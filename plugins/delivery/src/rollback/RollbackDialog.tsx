// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import { Skeleton } from '@backstage/ui';
import type {
  PipelineView,
  RollbackOptions,
} from '@causeway/plugin-delivery-common';
import { useState } from 'react';
import {
  ActionButton,
  Delayed,
  ProblemPanel,
} from '@causeway/plugin-delivery-react';
import { useRollbackOptions } from '../data/queries';
import { DeliveryDialog } from '../dialog/DeliveryDialog';
import { useDeliveryTranslation } from '../translation';
import { RollbackForm } from './RollbackForm';
import { RollbackProgress } from './RollbackProgress';

/** Takes stages of a service back to an earlier release, and then follows it. */
export function RollbackDialog(props: {
  pipeline: PipelineView;
  /** The stage to start with. */
  stage?: string;
  onClose: () => void;
}) {
  const { t } = useDeliveryTranslation();
  const { pipeline, stage, onClose } = props;
  const [started, setStarted] = useState<readonly string[]>();
  const reading = useRollbackOptions(pipeline.service);
  const title = t('rollback.title', {
    service: parseEntityRef(pipeline.service).name,
  });
  if (started) {
    return (
      <RollbackProgress title={title} promotions={started} onClose={onClose} />
    );
  }
  if (reading.status === 'ready') {
    return (
      <RollbackForm
        title={title}
        pipeline={pipeline}
        options={reading.value}
        initial={initialStages(reading.value, stage)}
        onStarted={setStarted}
        onClose={onClose}
      />
    );
  }
  const waiting = (
    <DeliveryDialog
      title={title}
      width={1060}
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
        <div role="status" aria-label={t('rollback.loading')}>
          <Skeleton width="100%" height={240} />
        </div>
      )}
    </DeliveryDialog>
  );
  return reading.status === 'failed' ? waiting : <Delayed>{waiting}</Delayed>;
}

/** The stage asked for, when it may be taken back; otherwise the person chooses. */
function initialStages(
  options: RollbackOptions,
  asked: string | undefined,
): readonly string[] {
  return options.stages
    .filter(option => option.stage === asked && option.allowed)
    .map(option => option.stage);
}
