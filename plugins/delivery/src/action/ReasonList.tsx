// SPDX-License-Identifier: Apache-2.0
import type { Reason } from '@causeway/plugin-delivery-common';
import styles from './ReasonList.module.css';
import { ReasonText } from './ReasonText';

/** Every unmet reason, one per line. */
export function ReasonList(props: { reasons: readonly Reason[] }) {
  return (
    <ul className={styles.list}>
      {props.reasons.map(reason => (
        <li key={reason.code + reason.text}>
          <ReasonText
            text={reason.text}
            owners={reason.owners}
            expected={reason.expected}
          />
        </li>
      ))}
    </ul>
  );
}
