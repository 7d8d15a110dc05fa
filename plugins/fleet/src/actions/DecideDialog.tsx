// SPDX-License-Identifier: Apache-2.0
import type {
  FleetAction,
  FleetActionClient,
  WriteOptions,
} from '@causeway/plugin-delivery-common';
import { useState } from 'react';
import { useFleetTranslation, type Translate } from '../translation';
import { ActionFrame, ReasonField } from './ActionFrame';
import styles from './Actions.module.css';
import { useActionCommand } from './useActions';

/** What somebody wants to do about an action that was asked for. */
export type Decision = 'approve' | 'reject' | 'cancel';

/** Asks why, and then approves, rejects or cancels. */
export function DecideDialog(props: {
  action: FleetAction;
  decision: Decision;
  onClose: () => void;
}) {
  const { t } = useFleetTranslation();
  const { action, decision, onClose } = props;
  const [reason, setReason] = useState('');
  const [wholeBatch, setWholeBatch] = useState(decision !== 'cancel');
  const command = useActionCommand(
    (client, options) =>
      send(client, { action, decision, wholeBatch, reason }, options),
    onClose,
  );
  const words = wordsOf(t, decision, action);
  return (
    <ActionFrame
      {...words}
      blocked={
        decision !== 'approve' && reason.trim() === ''
          ? t('action.reasonFirst')
          : undefined
      }
      isDestructive={decision !== 'approve'}
      command={command}
      onClose={onClose}
    >
      <p>{action.reason}</p>
      {action.approval && <p>{action.approval.why}</p>}
      {decision !== 'cancel' && (
        <label className={styles.check}>
          <input
            type="checkbox"
            checked={wholeBatch}
            onChange={event => setWholeBatch(event.target.checked)}
          />
          {t('action.wholeBatch')}
        </label>
      )}
      <ReasonField value={reason} onChange={setReason} />
    </ActionFrame>
  );
}

async function send(
  client: FleetActionClient,
  wish: {
    action: FleetAction;
    decision: Decision;
    wholeBatch: boolean;
    reason: string;
  },
  options: WriteOptions,
): Promise<unknown> {
  const { action, decision, wholeBatch } = wish;
  const reason = wish.reason.trim();
  return decision === 'cancel'
    ? client.cancelFleetAction(action.id, reason, options)
    : client.decideFleetAction(
        action.id,
        {
          approve: decision === 'approve',
          wholeBatch,
          ...(reason !== '' && { reason }),
        },
        options,
      );
}

function wordsOf(
  t: Translate,
  decision: Decision,
  { title: kind, name: device }: FleetAction,
): { readonly title: string; readonly confirm: string } {
  switch (decision) {
    case 'approve':
      return {
        title: t('action.approveTitle', { kind }),
        confirm: t('action.approveConfirm'),
      };
    case 'reject':
      return {
        title: t('action.rejectTitle', { kind }),
        confirm: t('action.rejectConfirm'),
      };
    default:
      return {
        title: t('action.cancelTitle', { kind, device }),
        confirm: t('action.cancelConfirm'),
      };
  }
}
