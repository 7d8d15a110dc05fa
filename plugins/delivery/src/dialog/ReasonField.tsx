// SPDX-License-Identifier: Apache-2.0
import { TextAreaField } from '@backstage/ui';
import { useDeliveryTranslation } from '../translation';
import styles from './ReasonField.module.css';

/** The reason a person gives; it stands in the history, and in the commit where there is one. */
export function ReasonField(props: {
  value: string;
  onChange: (reason: string) => void;
  needed: 'no' | 'toReject' | 'yes';
  /** Where it will stand and whether it must be given, when that is not the usual. */
  hint?: string;
}) {
  const { t } = useDeliveryTranslation();
  const hints = {
    no: t('dialog.reasonOptional'),
    toReject: t('dialog.reasonForReject'),
    yes: t('dialog.reasonRequired'),
  };
  return (
    <TextAreaField
      className={styles.field}
      label={t('dialog.reason')}
      secondaryLabel={props.hint ?? hints[props.needed]}
      rows={2}
      maxLength={2000}
      value={props.value}
      onChange={props.onChange}
    />
  );
}
