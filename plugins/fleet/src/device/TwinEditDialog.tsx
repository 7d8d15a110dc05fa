// SPDX-License-Identifier: Apache-2.0
import { toastApiRef, useApi } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  TextAreaField,
  TextField,
} from '@backstage/ui';
import {
  checkTwinValue,
  type FleetTwin,
  type FleetTwinProperty,
} from '@causeway/plugin-delivery-common';
import { ActionButton, ProblemPanel } from '@causeway/plugin-delivery-react';
import { useId, useState, type FormEvent } from 'react';
import { useTwinEdit } from '../data/useTwinEdit';
import styles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { useFocusBack } from '../useFocusBack';
import { sayLimits } from './sayLimits';

/** How long the word that a value was set stays, in milliseconds. */
const SHOWN_FOR = 6_000;

/**
 * Asks for the value of a property within what its model allows, and for the reason. What was desired
 * when the dialog was opened goes along, so that nobody overwrites what they have not seen.
 */
export function TwinEditDialog(props: {
  device: { readonly cluster: string; readonly name: string };
  twin: FleetTwin;
  property: FleetTwinProperty;
  onClose: () => void;
}) {
  const { t } = useFleetTranslation();
  const toast = useApi(toastApiRef);
  const { device, twin, property, onClose } = props;
  const [was] = useState(property.desired);
  const [value, setValue] = useState(property.desired ?? '');
  const [reason, setReason] = useState('');
  const noteId = useId();
  useFocusBack();
  const edit = useTwinEdit({ device, twin }, () => {
    toast.post({
      title: t('twinEdit.done', { property: property.name, value }),
      status: 'success',
      timeout: SHOWN_FOR,
    });
    onClose();
  });
  const wrong = checkTwinValue(property, value)?.message;
  const blocked = blockedBecause();

  function blockedBecause(): string | undefined {
    if (value === (was ?? '')) return t('twinEdit.sameValue');
    if (wrong) return wrong;
    return reason.trim() ? undefined : t('twinEdit.reasonFirst');
  }

  function send(event: FormEvent) {
    event.preventDefault();
    if (blocked || edit.isPending) return;
    edit.send({
      changes: [
        { property: property.name, value, ...(was !== undefined && { was }) },
      ],
      reason: reason.trim(),
    });
  }

  return (
    <Dialog isOpen onOpenChange={isOpen => !isOpen && onClose()} width={520}>
      <form onSubmit={send} noValidate>
        <DialogHeader>
          {t('twinEdit.title', { property: property.name, name: twin.name })}
        </DialogHeader>
        <DialogBody>
          <div className={styles.fields}>
            <p>{t('twinEdit.explain')}</p>
            <TextField
              label={t('twinEdit.value')}
              secondaryLabel={sayLimits(property, t)}
              value={value}
              onChange={setValue}
              isInvalid={wrong !== undefined}
              maxLength={1000}
            />
            <TextAreaField
              label={t('twinEdit.reason')}
              secondaryLabel={t('twinEdit.reasonHint')}
              rows={2}
              maxLength={1000}
              value={reason}
              onChange={setReason}
            />
          </div>
        </DialogBody>
        <DialogFooter className={styles.footer}>
          {edit.problem && (
            <ProblemPanel
              title={t('twinEdit.refused')}
              problem={edit.problem}
            />
          )}
          <p id={noteId} role="status" className={styles.note}>
            {blocked}
          </p>
          <Button variant="secondary" onPress={onClose}>
            {t('twinEdit.cancel')}
          </Button>
          <ActionButton
            type="submit"
            variant="primary"
            blocked={blocked}
            reasonId={noteId}
            isPending={edit.isPending}
          >
            {t('twinEdit.set')}
          </ActionButton>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
