// SPDX-License-Identifier: Apache-2.0
import { Checkbox } from '@backstage/ui';
import { useId } from 'react';
import { StateShape } from '@causeway/plugin-delivery-react';
import { ReasonList } from '../action/ReasonList';
import { DialogPart } from '../dialog/DialogLayout';
import { useDeliveryTranslation } from '../translation';
import styles from './Rollback.module.css';
import type { StageOptions } from './rollbackChoices';

/** Which stages to take back; the last cloud and edge stage together are one tick. */
export function StageChoice(props: {
  options: readonly StageOptions[];
  both?: readonly StageOptions[];
  chosen: readonly string[];
  onChange: (stages: readonly string[]) => void;
}) {
  const { t } = useDeliveryTranslation();
  const { options, both, chosen, onChange } = props;
  const names = both?.map(option => option.stage) ?? [];
  const tickedOfBoth = names.filter(name => chosen.includes(name)).length;
  return (
    <DialogPart title={t('rollback.what')}>
      <ul className={styles.choices}>
        {options.map(option => (
          <StageRow
            key={option.stage}
            option={option}
            isChosen={chosen.includes(option.stage)}
            onChange={isChosen =>
              onChange(
                isChosen
                  ? [...chosen, option.stage]
                  : chosen.filter(name => name !== option.stage),
              )
            }
          />
        ))}
        {both && (
          <li data-chosen={tickedOfBoth === names.length ? '' : undefined}>
            <Checkbox
              isSelected={tickedOfBoth === names.length}
              isIndeterminate={tickedOfBoth > 0 && tickedOfBoth < names.length}
              onChange={isChosen =>
                onChange(
                  isChosen
                    ? [...new Set([...chosen, ...names])]
                    : chosen.filter(name => !names.includes(name)),
                )
              }
            >
              <b>{t('rollback.both')}</b>
            </Checkbox>
            <span className={styles.quiet}>
              {both.map(option => option.title).join(', ')}
            </span>
          </li>
        )}
      </ul>
    </DialogPart>
  );
}

function StageRow(props: {
  option: StageOptions;
  isChosen: boolean;
  onChange: (isChosen: boolean) => void;
}) {
  const { t } = useDeliveryTranslation();
  const { option, isChosen, onChange } = props;
  const whyId = useId();
  const runs = option.current
    ? t('rollback.current', { version: option.current.version })
    : t('rollback.nothingRuns');
  if (!option.allowed) {
    return (
      <li>
        <span className={styles.refused}>
          <StateShape state="lock" /> {option.title}
        </span>
        <span className={styles.quiet} id={whyId}>
          {runs}
          <ReasonList reasons={option.reasons} />
        </span>
      </li>
    );
  }
  return (
    <li data-chosen={isChosen ? '' : undefined}>
      <Checkbox
        isSelected={isChosen}
        onChange={onChange}
        aria-describedby={whyId}
      >
        <b>{option.title}</b>
      </Checkbox>
      <span className={styles.quiet} id={whyId}>
        {runs}
      </span>
    </li>
  );
}
