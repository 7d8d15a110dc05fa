// SPDX-License-Identifier: Apache-2.0
import type { FleetTwinChange } from '@causeway/plugin-delivery-common';
import { Moment } from '@causeway/plugin-delivery-react';
import styles from '../Page.module.css';
import { Person } from '../Person';
import { useFleetTranslation } from '../translation';

/** Who has set what, and how the device followed; newest first. */
export function TwinHistory(props: { changes: readonly FleetTwinChange[] }) {
  const { t } = useFleetTranslation();
  const { changes } = props;
  if (changes.length === 0) return null;
  return (
    <>
      <h3 className={styles.subtitle}>{t('twinHistory.title')}</h3>
      <ul className={styles.changes}>
        {changes.map(change => (
          <li key={`${change.at} ${change.property} ${change.kind}`}>
            <Moment at={change.at} />{' '}
            <span>
              {change.actor !== undefined && (
                <>
                  <Person entityRef={change.actor} />{' '}
                </>
              )}
              {t(
                change.kind === 'desired'
                  ? 'twinHistory.set'
                  : 'twinHistory.reported',
                { property: change.property, value: change.value },
              )}
              {change.before !== undefined && (
                <span className={styles.quiet}>
                  {' '}
                  {t('timeline.was', { from: change.before })}
                </span>
              )}
              {change.reason && <>: {change.reason}</>}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
