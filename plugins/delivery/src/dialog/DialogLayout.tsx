// SPDX-License-Identifier: Apache-2.0
import { Text } from '@backstage/ui';
import type { ReactNode } from 'react';
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
  children: ReactNode;
}) {
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

/** What stands left in a footer: the result of something, or why a button is not open yet. */
export function FooterNote(props: { id?: string; children: ReactNode }) {
  return (
    <div id={props.id} className={styles.note} role="status">
      {props.children}
    </div>
  );
}
