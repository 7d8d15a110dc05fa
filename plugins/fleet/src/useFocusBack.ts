// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';

/**
 * Gives the focus back to what had it when a dialog was opened. The dialog itself does so, too, but not when the
 * page changes while it closes, as it does after something was done. Whoever takes the focus meanwhile keeps it.
 */
export function useFocusBack(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // Until the dialog is gone, nothing else takes the focus.
      setTimeout(() => {
        const isNowhere = document.activeElement === document.body;
        if (isNowhere && opener instanceof HTMLElement) opener.focus();
      });
    },
    [opener],
  );
}
