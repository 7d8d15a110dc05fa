// SPDX-License-Identifier: Apache-2.0
import { ReasonText } from '../action/ReasonText';
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
      <b>{isYours ? `${titleOf(gate)}: ${t('gate.you')}` : titleOf(gate)}</b>
      <span className={styles.detail}>
        <ReasonText
          text={gate.reason}
          owners={gate.owners}
          expected={gate.expected}
        />
      </span>
    </span>
  );
}
