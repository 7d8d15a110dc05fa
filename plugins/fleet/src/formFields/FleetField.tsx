// SPDX-License-Identifier: Apache-2.0
import { Box, Button } from '@backstage/ui';
import type { DeliveryProblem } from '@causeway/plugin-delivery-common';
import {
  Delayed,
  OldDataNotice,
  useSharedTranslation,
  type Reading,
} from '@causeway/plugin-delivery-react';
import type { ReactNode } from 'react';
import { fleetWrapper } from '../data/wrapper';
import styles from './FormField.module.css';

/**
 * What a field of a template stands in. The form is a page of another plugin, without what the pages
 * of the fleet have around them.
 */
export function FleetField(props: { children: ReactNode }) {
  const runtime = fleetWrapper.useWrapperValue();
  return (
    <fleetWrapper.component value={runtime}>
      <Box bg="neutral" className={styles.field}>
        {props.children}
      </Box>
    </fleetWrapper.component>
  );
}

/** Why nothing is known of the fleet yet, how old what is known is, or what `say` has to say of it. */
export function AboutFleet<Known>(props: {
  reading: Reading<Known>;
  loading: string;
  unread: string;
  say: (known: Known) => ReactNode;
}) {
  const { reading, loading, unread, say } = props;
  switch (reading.status) {
    case 'loading':
      return (
        <Delayed>
          <p className={styles.word} role="status">
            {loading}
          </p>
        </Delayed>
      );
    case 'failed':
      return (
        <Unread problem={reading.problem} onRetry={reading.retry}>
          {unread}
        </Unread>
      );
    default:
      return (
        <>
          {reading.problem && (
            <OldDataNotice
              problem={reading.problem}
              readAt={reading.readAt}
              onRetry={reading.retry}
            />
          )}
          {say(reading.value)}
        </>
      );
  }
}

/** Not as loud as on a page that can show nothing then: the form goes on without the fleet. */
function Unread(props: {
  problem: DeliveryProblem;
  onRetry: () => void;
  children: string;
}) {
  const { t } = useSharedTranslation();
  const { problem, onRetry, children } = props;
  return (
    <div role="alert" className={styles.unread}>
      <p>
        {[children, problem.message, problem.hint].filter(Boolean).join(' ')}
      </p>
      <Button size="small" variant="secondary" onPress={onRetry}>
        {t('problem.retry')}
      </Button>
    </div>
  );
}
