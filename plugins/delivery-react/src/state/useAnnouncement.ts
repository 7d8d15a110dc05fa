// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from 'react';

/** The shortest time between two announcements to a screen reader, in milliseconds. */
const ANNOUNCE_EVERY = 10_000;

/**
 * The text to announce: never the first one, and at most one in ten seconds, always the latest.
 *
 * @public
 */
export function useAnnouncement(text: string): string {
  const [spoken, setSpoken] = useState('');
  const first = useRef(text);
  const lastAt = useRef(-Infinity);
  useEffect(() => {
    if (text === first.current) return undefined;
    first.current = '';
    const wait = Math.max(
      0,
      lastAt.current + ANNOUNCE_EVERY - performance.now(),
    );
    const timer = setTimeout(() => {
      lastAt.current = performance.now();
      setSpoken(text);
    }, wait);
    return () => clearTimeout(timer);
  }, [text]);
  return spoken;
}
