// SPDX-License-Identifier: Apache-2.0
import type { StageView } from '@causeway/plugin-delivery-common';
import { StateShape } from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation } from '../translation';
import { GateText } from './GateText';
import { gateShape, hasPassed, useGateTitle } from './gate';
import { actionOf } from './nextStep';
import styles from './StageRail.module.css';

/** What the next release must pass to move into a stage: how much is done, and each gate that is not. */
export function GateList(props: { stage: StageView }) {
  const { t } = useDeliveryTranslation();
  const titleOf = useGateTitle();
  const { gates, candidate, allowedActions } = props.stage;
  if (!candidate || gates.length === 0) return null;
  const passed = gates.filter(hasPassed).length;
  const isMine =
    actionOf({ ...props.stage, allowedActions }, 'approve')?.allowed === true;
  return (
    <div className={styles.gatesInner}>
      <p className={styles.label}>
        {t('stage.gates', {
          version: candidate.version,
          passed: String(passed),
          total: String(gates.length),
        })}
      </p>
      <ul className={styles.gateList}>
        {gates.map(gate => (
          <li key={gate.gate} data-gate={gate.gate} tabIndex={-1}>
            <StateShape state={gateShape(gate, isMine)} />
            {gate.verdict === 'passed' ? (
              <span>{titleOf(gate)}</span>
            ) : (
              <GateText gate={gate} isMine={isMine} />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
