// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState, type ReactNode } from 'react';

/** How long an answer may take before anything is shown in its place, in milliseconds. */
const PATIENCE = 150;

/**
 * Shows its content only when waiting takes long enough to be noticed, so fast answers do not flicker.
 *
 * @public
 */
export function Delayed(props: { children: ReactNode }) {
  const [isNoticed, setNoticed] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setNoticed(true), PATIENCE);
    return () => clearTimeout(timer);
  }, []);
  return isNoticed ? <>{props.children}</> : null;
}
