// SPDX-License-Identifier: Apache-2.0
import type { Reason } from '@causeway/plugin-delivery-common';
import { PersonNames } from '../people/PersonName';
import { Expected } from '../time/Moment';
import { useDeliveryTranslation } from '../translation';
import styles from './ReasonList.module.css';

/** Every unmet reason: what, who can do something about it, and when it is expected to pass. */
export function ReasonList(props: { reasons: readonly Reason[] }) {
  const { t } = useDeliveryTranslation();
  return (
    <ul className={styles.list}>
      {props.reasons.map(reason => (
        <li key={reason.code + reason.text}>
          {reason.text}
          {reason.owners.length > 0 && (
            <>
              {' '}
              {t('reason.ask')} <PersonNames of={reason.owners} />.
            </>
          )}
          {reason.expected && (
            <>
              {' '}
              <Expected at={reason.expected} />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
