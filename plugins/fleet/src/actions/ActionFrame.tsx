// SPDX-License-Identifier: Apache-2.0
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
} from '@backstage/ui';
import { ActionButton, ProblemPanel } from '@causeway/plugin-delivery-react';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import type { Command } from '../data/useCommand';
import { useFleetTranslation } from '../translation';
import { useFocusBack } from '../useFocusBack';
import styles from './Actions.module.css';

/** The frame of dialogs about actions and drills: what it is about, and one button that does it. */
export function ActionFrame(props: {
  title: string;
  confirm: string;
  /** Why it may not be done yet. */
  blocked?: string;
  isDestructive?: boolean;
  command: Command;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useFleetTranslation();
  const { title, confirm, blocked, command, onClose } = props;
  const whyId = useId();
  useFocusBack();
  return (
    <Dialog
      isOpen
      onOpenChange={isOpen => {
        if (!isOpen) onClose();
      }}
      width={640}
    >
      <DialogHeader>
        <Heading text={title} />
      </DialogHeader>
      <DialogBody>
        <div className={styles.body}>
          {props.children}
          {command.problem && (
            <ProblemPanel
              title={t('action.refusedTitle')}
              problem={command.problem}
            />
          )}
        </div>
      </DialogBody>
      <DialogFooter>
        {blocked && (
          <span id={whyId} className={styles.why}>
            {blocked}
          </span>
        )}
        <Button variant="secondary" onPress={onClose}>
          {t('action.keep')}
        </Button>
        <ActionButton
          variant="primary"
          destructive={props.isDestructive}
          blocked={blocked}
          reasonId={whyId}
          isPending={command.isPending}
          onPress={command.send}
        >
          {confirm}
        </ActionButton>
      </DialogFooter>
    </Dialog>
  );
}

/** Takes the focus, so that a reader hears first what the dialog is about. */
function Heading(props: { text: string }) {
  const heading = useRef<HTMLSpanElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <span ref={heading} tabIndex={-1} className={styles.heading}>
      {props.text}
    </span>
  );
}

/** Why somebody does something. */
export function ReasonField(props: {
  value: string;
  onChange: (reason: string) => void;
}) {
  const { t } = useFleetTranslation();
  const hintId = useId();
  return (
    <label className={styles.field}>
      {t('action.reason')}
      <textarea
        rows={2}
        maxLength={500}
        value={props.value}
        aria-describedby={hintId}
        onChange={event => props.onChange(event.target.value)}
      />
      <span id={hintId} className={styles.why}>
        {t('action.reasonHint')}
      </span>
    </label>
  );
}
