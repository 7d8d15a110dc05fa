// SPDX-License-Identifier: Apache-2.0
import { Radio, RadioGroup } from '@backstage/ui';
import {
  describeInstant,
  describeSpan,
  StateMark,
  useClock,
  useSharedTranslation,
} from '@causeway/plugin-delivery-react';
import { DialogPart } from '../dialog/DialogLayout';
import { useDeliveryTranslation } from '../translation';
import styles from './Rollback.module.css';
import {
  isPossible,
  previousOf,
  versionChoices,
  type StageOptions,
  type VersionChoice as Choice,
} from './rollbackChoices';

/** The value of "what ran before", which is not a release id. */
export const BEFORE = 'before';

/** To which version: what ran before in each stage, or one release for all, with its past. */
export function VersionChoice(props: {
  chosen: readonly StageOptions[];
  value: string;
  onChange: (value: string) => void;
}) {
  const { t } = useDeliveryTranslation();
  const { chosen, value, onChange } = props;
  const beforeText = useBeforeText();
  return (
    <DialogPart title={t('rollback.toWhich')}>
      <RadioGroup
        aria-label={t('rollback.toWhich')}
        value={value}
        onChange={onChange}
        className={styles.choices}
      >
        <div
          className={styles.choice}
          data-chosen={value === BEFORE ? '' : undefined}
        >
          <Radio value={BEFORE}>
            <b>{t('rollback.before')}</b>
          </Radio>
          <span className={styles.quiet}>
            {chosen.map(beforeText).join('; ')}
          </span>
        </div>
        {versionChoices(chosen).map(choice => (
          <Version
            key={choice.id}
            choice={choice}
            isChosen={value === choice.id}
          />
        ))}
      </RadioGroup>
    </DialogPart>
  );
}

function Version(props: { choice: Choice; isChosen: boolean }) {
  const { t } = useDeliveryTranslation();
  const { choice, isChosen } = props;
  const past = usePastText(choice);
  const why = [
    ...choice.why,
    ...(choice.missingIn.length > 0
      ? [t('rollback.notEverywhere', { stages: choice.missingIn.join(', ') })]
      : []),
  ];
  return (
    <div className={styles.choice} data-chosen={isChosen ? '' : undefined}>
      <Radio value={choice.id} isDisabled={!isPossible(choice)}>
        <b>{choice.version}</b> {choice.message}
      </Radio>
      <span className={styles.quiet}>
        {isPossible(choice) ? (
          past
        ) : (
          <>
            <StateMark state="lock" word={t('rollback.locked')} />{' '}
            {t('rollback.notPossible', { why: why.join('; ') })}
          </>
        )}
      </span>
    </div>
  );
}

function useBeforeText(): (option: StageOptions) => string {
  const { t } = useDeliveryTranslation();
  return option => {
    const previous = previousOf(option);
    return previous
      ? t('rollback.beforeIn', {
          version: previous.version,
          stage: option.title,
        })
      : t('rollback.noneBefore', { stage: option.title });
  };
}

function usePastText(choice: Choice): string {
  const { t } = useDeliveryTranslation();
  const { t: shared } = useSharedTranslation();
  return useClock(now =>
    choice.past
      .map(({ title, ranFrom, ranUntil }) => {
        const where = t('rollback.ranNever', { stage: title });
        if (!ranFrom || !ranUntil) return where;
        const from = Date.parse(ranFrom);
        const until = Date.parse(ranUntil);
        const ran = t('rollback.ran', {
          span: describeSpan(until - from, shared),
          when: describeInstant(until, now),
        });
        return `${ran} ${where}`;
      })
      .join('; '),
  );
}
