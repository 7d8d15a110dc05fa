// SPDX-License-Identifier: Apache-2.0
import type { FleetStateChange } from '@causeway/plugin-delivery-common';
import { Moment, StateShape } from '@causeway/plugin-delivery-react';
import styles from '../Page.module.css';
import { markOf, wordOf } from '../state/axisMarks';
import { useFleetTranslation } from '../translation';

/** What has happened to a device, newest first. */
export function TimeLine(props: { changes: readonly FleetStateChange[] }) {
  const { t } = useFleetTranslation();
  const { changes } = props;
  return (
    <section className={styles.card} aria-label={t('timeline.title')}>
      <header>
        <h2>{t('timeline.title')}</h2>
        <span className={styles.quiet}>{t('timeline.explain')}</span>
      </header>
      {changes.length === 0 && (
        <p className={styles.quiet}>{t('timeline.none')}</p>
      )}
      <ol className={styles.timeline}>
        {changes.map(change => (
          <li key={`${change.at} ${change.axis}`}>
            <Moment at={change.at} />
            <StateShape state={markOf(change.axis, change.to) ?? 'todo'} />
            <div>
              {t('timeline.change', {
                axis: t(`axis.${change.axis}`),
                to: wordOf(change.axis, change.to, t),
              })}
              {change.from && (
                <span className={styles.quiet}>
                  {' '}
                  {t('timeline.was', {
                    from: wordOf(change.axis, change.from, t),
                  })}
                </span>
              )}
              {change.reason && (
                <p className={styles.quiet}>{change.reason.message}</p>
              )}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
