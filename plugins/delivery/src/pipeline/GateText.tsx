// SPDX-License-Identifier: Apache-2.0
import { PersonNames } from '../people/PersonName';
import { Expected } from '../time/Moment';
import { useDeliveryTranslation } from '../translation';
import { useGateTitle, type Gate } from './gate';
import styles from './GateText.module.css';

/** A gate that is open: what it is, why, who can do something about it, and when it is expected. */
export function GateText(props: { gate: Gate; isMine: boolean }) {
  const { t } = useDeliveryTranslation();
  const titleOf = useGateTitle();
  const { gate, isMine } = props;
  const isYours = isMine && gate.kind === 'approval';
  return (
    <span>
      <b data-yours={isYours ? '' : undefined}>
        {isYours ? `${titleOf(gate)}: ${t('gate.you')}` : titleOf(gate)}
      </b>
      <span className={styles.detail}>
        {gate.reason}
        {gate.owners.length > 0 && (
          <>
            {' '}
            {t('reason.ask')} <PersonNames of={gate.owners} />.
          </>
        )}
        {gate.expected && (
          <>
            {' '}
            <Expected at={gate.expected} />
          </>
        )}
      </span>
    </span>
  );
}
