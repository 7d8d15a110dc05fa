// SPDX-License-Identifier: Apache-2.0
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
} from '@backstage/ui';
import {
  useEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { useDeliveryTranslation } from '../translation';
import styles from './DeliveryDialog.module.css';

/**
 * The frame of every dialog of this plugin; the whole screen on a phone.
 *
 * The focus starts on the heading, never on a button. Ctrl+Enter (or Cmd+Enter) is the primary
 * action. Escape, the cross and a press beside it close; when a reason was typed they ask first.
 */
export function DeliveryDialog(props: {
  title: string;
  /** Beside the title: state, who asked, when. */
  aside?: ReactNode;
  footer: ReactNode;
  children: ReactNode;
  /** Something was typed that closing would lose. */
  isDirty?: boolean;
  width?: number;
  /** The primary action; undefined while it may not be done. */
  onPrimary?: () => void;
  onClose: () => void;
}) {
  const { title, aside, footer, children, isDirty, onPrimary, onClose } = props;
  const [isAsking, setAsking] = useState(false);
  const close = () => (isDirty && !isAsking ? setAsking(true) : onClose());

  // On the way in: checkboxes and buttons keep Enter to themselves.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    onPrimary?.();
  };

  return (
    <Dialog
      isOpen
      onOpenChange={isOpen => {
        if (!isOpen) close();
      }}
      width={props.width ?? 1180}
      className={styles.dialog}
    >
      <div
        className={styles.keys}
        role="presentation"
        onKeyDownCapture={onKeyDown}
      >
        <DialogHeader>
          <Heading text={title} />
          {aside && <span className={styles.aside}>{aside}</span>}
        </DialogHeader>
        <DialogBody className={styles.body}>{children}</DialogBody>
        <DialogFooter className={styles.footer}>
          {isAsking ? (
            <AskBeforeLeaving
              onKeep={() => setAsking(false)}
              onLeave={onClose}
            />
          ) : (
            footer
          )}
        </DialogFooter>
      </div>
    </Dialog>
  );
}

function Heading(props: { text: string }) {
  const heading = useRef<HTMLSpanElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <span ref={heading} tabIndex={-1} className={styles.title}>
      {props.text}
    </span>
  );
}

function AskBeforeLeaving(props: { onKeep: () => void; onLeave: () => void }) {
  const { t } = useDeliveryTranslation();
  return (
    <Alert
      status="warning"
      icon
      role="alert"
      className={styles.ask}
      title={t('dialog.discardTitle')}
      customActions={
        <>
          <Button size="small" variant="secondary" onPress={props.onLeave}>
            {t('dialog.discard')}
          </Button>
          <Button size="small" variant="primary" onPress={props.onKeep}>
            {t('dialog.keep')}
          </Button>
        </>
      }
    />
  );
}
