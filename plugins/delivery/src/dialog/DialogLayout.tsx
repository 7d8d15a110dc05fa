// SPDX-License-Identifier: Apache-2.0
import { Text, useBreakpoint } from '@backstage/ui';
import type { ReactNode } from 'react';
import { StateShape } from '@causeway/plugin-delivery-react';
import styles from './DialogLayout.module.css';

/** Two panels side by side, one under the other where there is no room. */
export function DialogColumns(props: { main: ReactNode; side: ReactNode }) {
  return (
    <div className={styles.columns}>
      <div className={styles.panel}>{props.main}</div>
      <div className={styles.panel}>{props.side}</div>
    </div>
  );
}

/** A part of a panel under its own heading. */
export function DialogPart(props: {
  title: string;
  hint?: ReactNode;
  /** On a phone only the heading is shown until it is opened. */
  folds?: boolean;
  children: ReactNode;
}) {
  const isPhone = useBreakpoint().down('xs');
  if (props.folds && isPhone) {
    return (
      <details className={styles.part}>
        <summary className={styles.summary}>{props.title}</summary>
        {props.children}
      </details>
    );
  }
  return (
    <section className={styles.part} aria-label={props.title}>
      <header className={styles.header}>
        <Text as="h3" variant="body-medium" weight="bold">
          {props.title}
        </Text>
        {props.hint && <span className={styles.hint}>{props.hint}</span>}
      </header>
      {props.children}
    </section>
  );
}

/** What stands left in a footer, for example the result of something. */
export function FooterNote(props: { children: ReactNode }) {
  return (
    <div className={styles.note} role="status">
      {props.children}
    </div>
  );
}

/** Why a button of the footer is not open yet; empty when it is. The button names it by `id`. */
export function FooterLock(props: { id: string; why: ReactNode | undefined }) {
  const { id, why } = props;
  return (
    <div id={id} className={styles.note} role="status">
      {why !== undefined && (
        <span className={styles.lock}>
          <StateShape state="lock" />
          <span>{why}</span>
        </span>
      )}
    </div>
  );
}
