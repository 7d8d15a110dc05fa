// SPDX-License-Identifier: Apache-2.0
import { toastApiRef, useApi } from '@backstage/frontend-plugin-api';
import { useId, useState } from 'react';
import { ActionButton, ProblemPanel } from '@causeway/plugin-delivery-react';
import { ReasonList } from '../action/ReasonList';
import { useCommand } from '../data/useCommand';
import { DeliveryDialog } from '../dialog/DeliveryDialog';
import { DialogPart, FooterLock } from '../dialog/DialogLayout';
import { ReasonField } from '../dialog/ReasonField';
import { useDeliveryTranslation } from '../translation';
import type { Steering } from './CanaryActions';
import styles from './CanaryPanel.module.css';
import type { SteeringWords } from './steeringWords';

/** How long the word that a wish was recorded stays, in milliseconds. */
const SHOWN_FOR = 6_000;

/** Says what will happen, asks for the reason, and records the wish; the engine follows later. */
export function SteeringDialog(props: {
  promotion: string;
  version: string;
  /** As it was when the dialog was opened. */
  asked: Steering;
  /** As it is now; undefined when it is not offered any more. */
  now: Steering | undefined;
  words: SteeringWords;
  onClose: () => void;
}) {
  const { t } = useDeliveryTranslation();
  const toast = useApi(toastApiRef);
  const { promotion, version, asked, now, words, onClose } = props;
  const { action } = asked;
  const [reason, setReason] = useState('');
  const noteId = useId();
  const title = words.confirm(action, version);
  const isReasoned = words.needsReason(action);
  const command = useCommand(
    (client, why: string | undefined, options) =>
      client.steerCanary(promotion, { action, reason: why }, options),
    () => {
      toast.post({
        title: words.recorded(title),
        status: 'success',
        timeout: SHOWN_FOR,
      });
      onClose();
    },
  );
  const blocked = blockedBecause();
  const confirm = () => command.send(reason.trim() || undefined);

  function blockedBecause() {
    if (!now) return t('canary.confirm.over');
    if (!now.allowed) return <ReasonList reasons={now.reasons} />;
    if (isReasoned && !reason.trim()) return t('promote.reasonFirst');
    return undefined;
  }

  return (
    <DeliveryDialog
      title={title}
      width={560}
      isDirty={reason.trim() !== ''}
      onPrimary={blocked === undefined ? confirm : undefined}
      onClose={onClose}
      footer={
        <>
          {command.problem && (
            <ProblemPanel
              title={t('dialog.refused')}
              problem={command.problem}
            />
          )}
          <FooterLock id={noteId} why={blocked} />
          <ActionButton variant="secondary" leaves onPress={onClose}>
            {t('dialog.cancel')}
          </ActionButton>
          <ActionButton
            variant="primary"
            destructive={action === 'abort'}
            blocked={blocked}
            reasonId={noteId}
            isPending={command.isPending}
            onPress={confirm}
          >
            {title}
          </ActionButton>
        </>
      }
    >
      <div className={styles.confirm}>
        <DialogPart title={t('canary.confirm.consequence')}>
          <p>{(now ?? asked).consequence}</p>
        </DialogPart>
        <DialogPart title={t('dialog.confirmTitle')}>
          <ReasonField
            value={reason}
            onChange={setReason}
            needed={isReasoned ? 'yes' : 'no'}
            hint={t(
              isReasoned
                ? 'canary.confirm.reasonNeeded'
                : 'canary.confirm.reason',
            )}
          />
        </DialogPart>
      </div>
    </DeliveryDialog>
  );
}
