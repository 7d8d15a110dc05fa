// SPDX-License-Identifier: Apache-2.0
import { Alert, Button } from '@backstage/ui';
import type { DeliveryProblem } from '@causeway/plugin-delivery-common';
import { Age } from '../time/Moment';
import { useSharedTranslation } from '../translation';

/**
 * What could not be read, what to do, and the way to try again.
 *
 * @public
 */
export function ProblemPanel(props: {
  problem: DeliveryProblem;
  onRetry?: () => void;
  title?: string;
}) {
  const { t } = useSharedTranslation();
  const { problem, onRetry } = props;
  return (
    <Alert
      status="danger"
      icon
      role="alert"
      title={props.title ?? t('problem.title')}
      description={[problem.message, problem.hint].filter(Boolean).join(' ')}
      customActions={
        onRetry && (
          <Button size="small" variant="secondary" onPress={onRetry}>
            {t('problem.retry')}
          </Button>
        )
      }
    />
  );
}

/**
 * Says that what is shown is older than it should be, how old, and why.
 *
 * @public
 */
export function OldDataNotice(props: {
  problem: DeliveryProblem;
  readAt: number;
  onRetry: () => void;
}) {
  const { t } = useSharedTranslation();
  const { problem, readAt, onRetry } = props;
  return (
    <Alert
      status="warning"
      icon
      role="status"
      title={t('problem.refreshFailed')}
      description={
        <>
          {problem.message}{' '}
          <Age since={new Date(readAt).toISOString()} as="read" />.{' '}
          {t('problem.tryingAgain')}
        </>
      }
      customActions={
        <Button size="small" variant="secondary" onPress={onRetry}>
          {t('problem.retry')}
        </Button>
      }
    />
  );
}
