// SPDX-License-Identifier: Apache-2.0
import { Skeleton, VisuallyHidden } from '@backstage/ui';
import {
  Delayed,
  OldDataNotice,
  ProblemPanel,
  type Reading,
} from '@causeway/plugin-delivery-react';
import type { ReactNode } from 'react';

/** What was read, or why it is not there yet. A failed refresh keeps the last value and says so. */
export function Loaded<View>(props: {
  reading: Reading<View>;
  /** What is said while nothing is there yet. */
  loading: string;
  children: (view: View, readAt: number) => ReactNode;
}) {
  const { reading, loading, children } = props;
  switch (reading.status) {
    case 'loading':
      return (
        <Delayed>
          <div role="status">
            <VisuallyHidden>{loading}</VisuallyHidden>
            <Skeleton width="100%" height={360} />
          </div>
        </Delayed>
      );
    case 'failed':
      return <ProblemPanel problem={reading.problem} onRetry={reading.retry} />;
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
          {children(reading.value, reading.readAt)}
        </>
      );
  }
}
