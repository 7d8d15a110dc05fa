// SPDX-License-Identifier: Apache-2.0
import { shapes } from './shapes';
import styles from './StateMark.module.css';
import { toneOf, type MarkKey } from './vocabulary';

/**
 * One state as shape, word and colour together. `headline` fills the background, for the state a
 * card opens with; elsewhere a healthy state is a small green tick and plain text.
 *
 * @public
 */
export function StateMark(props: {
  state: MarkKey;
  word: string;
  headline?: boolean;
  className?: string;
}) {
  const { state, word, headline, className } = props;
  return (
    <span
      className={[styles.mark, className].filter(Boolean).join(' ')}
      data-tone={toneOf[state]}
      data-state={state}
      data-headline={headline ? '' : undefined}
    >
      <StateShape state={state} />
      <span>{word}</span>
    </span>
  );
}

/**
 * The shape alone, for a place where the word stands beside it. Hidden from screen readers.
 *
 * @public
 */
export function StateShape(props: { state: MarkKey; size?: number }) {
  const size = props.size ?? 14;
  return (
    <svg
      className={styles.shape}
      data-tone={toneOf[props.state]}
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
    >
      {shapes[props.state]}
    </svg>
  );
}
