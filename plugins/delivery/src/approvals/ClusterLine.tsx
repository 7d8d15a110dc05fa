// SPDX-License-Identifier: Apache-2.0
import type { ClusterView, StateKey } from '@causeway/plugin-delivery-common';
import {
  Age,
  ProblemPanel,
  StateMark,
  StateShape,
  useSharedTranslation,
} from '@causeway/plugin-delivery-react';
import { useClusters } from '../data/queries';
import { useDeliveryTranslation } from '../translation';
import styles from './DeliveryPage.module.css';

/** How many clusters are heard from, and each one that is not, with why. */
export function ClusterLine() {
  const { t } = useDeliveryTranslation();
  const { t: shared } = useSharedTranslation();
  const reading = useClusters();
  if (reading.status === 'loading') return null;
  if (reading.status === 'failed') {
    return <ProblemPanel problem={reading.problem} onRetry={reading.retry} />;
  }
  const clusters = reading.value;
  if (clusters.length === 0)
    return <p className={styles.quiet}>{t('clusters.none')}</p>;
  const silent = clusters.filter(cluster => cluster.freshness.state !== 'live');
  const word = t('clusters.live', {
    live: String(clusters.length - silent.length),
    total: String(clusters.length),
  });
  return (
    <section className={styles.clusters} aria-label={t('clusters.title')}>
      <StateMark state={silent.length === 0 ? 'ok' : 'warn'} word={word} />
      <span className={styles.quiet}>
        <Age since={new Date(reading.readAt).toISOString()} as="read" />
      </span>
      {silent.length > 0 && (
        <ul className={styles.silent}>
          {silent.map(cluster => (
            <li key={cluster.name}>
              <StateShape state={shapeOf(cluster)} />
              <span>
                <b>{cluster.title}</b>{' '}
                {shared(`freshness.${cluster.freshness.state}`)}
                {cluster.freshness.seenAt && (
                  <>
                    , <Age since={cluster.freshness.seenAt} as="lastSeen" />
                  </>
                )}
                {cluster.freshness.problem && `. ${cluster.freshness.problem}`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const shapes = {
  live: 'ok',
  stale: 'stale',
  unreachable: 'bad',
  forbidden: 'lock',
  never: 'never',
} as const satisfies Record<ClusterView['freshness']['state'], StateKey>;

function shapeOf(cluster: ClusterView): StateKey {
  return shapes[cluster.freshness.state];
}
