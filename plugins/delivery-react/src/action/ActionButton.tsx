// SPDX-License-Identifier: Apache-2.0
import { Button, type ButtonProps } from '@backstage/ui';
import { useId, type ReactNode } from 'react';
import styles from './ActionButton.module.css';

/** A button of `@backstage/ui`, with why it may not be pressed instead of whether. */
export type ActionButtonProps = Omit<
  ButtonProps,
  'isDisabled' | 'className'
> & {
  /** Why it may not be pressed now; undefined means it may. */
  blocked?: ReactNode;
  /** Id of the element that shows the reason, when that is not this button's task. */
  reasonId?: string;
  wide?: boolean;
  /** Only closes a dialog; left out on a phone, where the cross is near enough. */
  leaves?: boolean;
};

/**
 * A button that, when it may not be pressed, says why in text beside it. It stays focusable, so
 * that a keyboard or screen reader finds the reason; `aria-disabled` instead of `disabled`.
 *
 * Inside a list of several buttons give `reasonId` of a text that is already there instead.
 */
export function ActionButton(props: ActionButtonProps) {
  const { blocked, reasonId, wide, leaves, onPress, ...button } = props;
  const ownId = useId();
  const isBlocked = blocked !== undefined;
  return (
    <>
      {isBlocked && reasonId === undefined && (
        <div id={ownId} className={styles.reason}>
          {blocked}
        </div>
      )}
      <Button
        {...button}
        className={[styles.button, wide ? styles.wide : ''].join(' ')}
        data-blocked={isBlocked ? '' : undefined}
        data-leaves={leaves ? '' : undefined}
        aria-disabled={isBlocked ? true : undefined}
        aria-describedby={
          isBlocked ? reasonId ?? ownId : button['aria-describedby']
        }
        onPress={isBlocked ? undefined : onPress}
      />
    </>
  );
}
