// SPDX-License-Identifier: Apache-2.0
import { Radio, RadioGroup } from '@backstage/ui';
import { DialogPart } from '../dialog/DialogLayout';
import { useDeliveryTranslation } from '../translation';
import styles from './Rollback.module.css';
import { isMode, modes, type RollbackMode } from './rollbackChoices';

/** Fast or safe, where canaries make a difference; elsewhere what fast means. */
export function ModeChoice(props: {
  /** A stage to take back gives new versions their traffic step by step. */
  hasCanary: boolean;
  value: RollbackMode;
  onChange: (mode: RollbackMode) => void;
}) {
  const { t } = useDeliveryTranslation();
  const { hasCanary, value, onChange } = props;
  if (!hasCanary) {
    return (
      <DialogPart title={t('rollback.how')} hint={t('rollback.mode.fast')}>
        <p className={styles.mode}>{t('rollback.fastExplain')}</p>
      </DialogPart>
    );
  }
  return (
    <DialogPart title={t('rollback.how')}>
      <RadioGroup
        aria-label={t('rollback.how')}
        value={value}
        onChange={chosen => isMode(chosen) && onChange(chosen)}
        className={styles.choices}
      >
        {modes.map(mode => (
          <div
            key={mode}
            className={styles.choice}
            data-chosen={value === mode ? '' : undefined}
          >
            <Radio value={mode}>
              <b>{t(`rollback.mode.${mode}`)}</b>
            </Radio>
            <span className={styles.quiet}>
              {t(`rollback.modeExplain.${mode}`)}
            </span>
          </div>
        ))}
      </RadioGroup>
      <p className={styles.mode}>{t('rollback.fastExplain')}</p>
    </DialogPart>
  );
}
