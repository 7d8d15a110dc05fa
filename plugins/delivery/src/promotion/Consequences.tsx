// SPDX-License-Identifier: Apache-2.0
import { DialogPart } from '../dialog/DialogLayout';
import styles from './MissingPanel.module.css';

/** What happens after a yes, step by step, in words. */
export function Consequences(props: {
  title: string;
  steps: readonly string[];
}) {
  if (props.steps.length === 0) return null;
  return (
    <DialogPart title={props.title}>
      <ol className={styles.steps}>
        {props.steps.map(step => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </DialogPart>
  );
}
