// SPDX-License-Identifier: Apache-2.0
import { StateShape } from '@causeway/plugin-delivery-react';
import { DialogPart } from '../dialog/DialogLayout';
import {
  gateShape,
  hasPassed,
  isTelling,
  useGateTitle,
  type Gate,
} from '../pipeline/gate';
import { GateText } from '../pipeline/GateText';
import { useDeliveryTranslation } from '../translation';
import styles from './MissingPanel.module.css';

/** The gates that have something to tell, each with who and when; the others, which passed, in one line. */
export function MissingPanel(props: {
  gates: readonly Gate[];
  isMine: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const titleOf = useGateTitle();
  const { gates, isMine } = props;
  const open = gates.filter(gate => !hasPassed(gate));
  const telling = gates.filter(isTelling);
  const passed = gates.filter(gate => !isTelling(gate));
  const title =
    open.length > 0
      ? t('plan.missing', {
          open: String(open.length),
          total: String(gates.length),
        })
      : t('plan.nothingMissing');
  return (
    <DialogPart title={title}>
      {gates.length === 0 && (
        <p className={styles.quiet}>{t('plan.noGates')}</p>
      )}
      <ul className={styles.gates}>
        {telling.map(gate => (
          <li key={gate.gate}>
            <StateShape state={gateShape(gate, isMine)} />
            <GateText gate={gate} isMine={isMine} />
          </li>
        ))}
        {passed.length > 0 && (
          <li>
            <StateShape state={passed.every(isBypassed) ? 'bypass' : 'ok'} />
            <span>
              {t('plan.passed', {
                count: passed.length,
                gates: passed.map(titleOf).join(', '),
              })}
            </span>
          </li>
        )}
      </ul>
    </DialogPart>
  );
}

function isBypassed(gate: Gate): boolean {
  return gate.verdict === 'bypassed';
}
