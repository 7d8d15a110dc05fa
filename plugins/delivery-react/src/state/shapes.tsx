// SPDX-License-Identifier: Apache-2.0
import type { ReactElement } from 'react';
import type { MarkKey } from './vocabulary';

/**
 * The outline of every state on a 16 × 16 grid. Outlines differ, not only the inner signs, so that
 * the shapes can be told apart without colour and at 14 px. `currentColor` is the state's colour,
 * `--cw-ink` the colour of what the mark stands on.
 */
export const shapes: Record<MarkKey, ReactElement> = {
  ok: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="m4.6 8.2 2.4 2.5 4.5-5" {...ink(1.8)} />
    </>
  ),
  run: (
    <>
      <path d="M8 1.9a6.1 6.1 0 1 1-6.1 6.1" {...line(2.2)} />
      <path d="M2.4 5.6A6.1 6.1 0 0 1 5.6 2.4" {...line(2.2)} opacity={0.35} />
      <circle cx="8" cy="8" r="2.3" fill="currentColor" />
    </>
  ),
  you: (
    <>
      <path d="M8 .7 15.3 8 8 15.3.7 8z" fill="currentColor" />
      <circle cx="8" cy="8" r="2.2" fill="var(--cw-ink)" />
    </>
  ),
  wait: (
    <>
      <path d="M3.6 1.7h8.8M3.6 14.3h8.8" {...line(1.7)} />
      <path
        d="M5 2v2.3C5 6.1 8 6.9 8 8s-3 1.9-3 3.7V14m6-12v2.3C11 6.1 8 6.9 8 8s3 1.9 3 3.7V14"
        {...line(1.5)}
      />
      <path d="M6 13.6c.2-1.2 2-1.9 2-1.9s1.8.7 2 1.9z" fill="currentColor" />
    </>
  ),
  todo: <circle cx="8" cy="8" r="5.7" {...line(1.4)} />,
  warn: (
    <>
      <path
        d="M8 1.7 14.9 14H1.1z"
        fill="currentColor"
        stroke="currentColor"
        strokeWidth={1.4}
        strokeLinejoin="round"
      />
      <path d="M8 5.7v3.9" {...ink(1.7)} />
      <circle cx="8" cy="11.9" r="1" fill="var(--cw-ink)" />
    </>
  ),
  hold: (
    <>
      <rect
        x="1.8"
        y="1.8"
        width="12.4"
        height="12.4"
        rx="2.4"
        {...line(1.6)}
      />
      <path d="M6 5v6m4-6v6" {...line(1.9)} />
    </>
  ),
  bypass: (
    <>
      <circle cx="8" cy="8" r="6.6" {...line(1.5)} />
      <path
        d="m4.7 5.1 2.9 2.9-2.9 2.9m3.7-5.8L11.3 8l-2.9 2.9"
        {...line(1.5)}
      />
    </>
  ),
  back: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="M4.9 4.1v3.1h3.1M5.2 7.1A3.4 3.4 0 1 1 5 9.7" {...ink(1.5)} />
    </>
  ),
  bad: (
    <>
      <path d="M1.2 1.2h13.6v13.6H1.2z" fill="currentColor" />
      <path d="m4.7 4.7 6.6 6.6m0-6.6-6.6 6.6" {...ink(2)} />
    </>
  ),
  stale: (
    <>
      <circle cx="8" cy="8" r="6.4" {...line(1.5)} strokeDasharray="2.6 2.1" />
      <path d="M8 4.7V8l2.3 1.6" {...line(1.5)} />
    </>
  ),
  never: (
    <circle
      cx="8"
      cy="8"
      r="6.2"
      {...line(1.6)}
      strokeDasharray="1 2.9"
      strokeLinecap="round"
    />
  ),
  lock: (
    <>
      <rect x="3" y="7" width="10" height="7.4" rx="1.4" fill="currentColor" />
      <path d="M5.2 7V4.8a2.8 2.8 0 0 1 5.6 0V7" {...line(1.6)} />
    </>
  ),
  skip: (
    <>
      <circle cx="8" cy="8" r="6.4" {...line(1.5)} />
      <path d="M5 8h6" {...line(1.6)} />
    </>
  ),
  unsure: (
    <>
      <circle cx="8" cy="8" r="6.4" {...line(1.5)} />
      <path
        d="M6.2 6.5a1.9 1.9 0 1 1 2.6 1.7c-.6.3-.8.6-.8 1.2"
        {...line(1.4)}
      />
      <circle cx="8" cy="11.5" r=".9" fill="currentColor" />
    </>
  ),
  away: (
    <path
      d="M9.9 1.3a6.9 6.9 0 1 0 5 8.9A5.7 5.7 0 0 1 9.9 1.3z"
      fill="currentColor"
    />
  ),
  cordoned: (
    <>
      <path d="M4.6 2h6.8l3.4 6-3.4 6H4.6L1.2 8z" {...line(1.6)} />
      <path d="M5 8h6" {...line(1.8)} />
    </>
  ),
  quarantined: (
    <>
      <path d="M4.6 2h6.8l3.4 6-3.4 6H4.6L1.2 8z" fill="currentColor" />
      <path d="M8 4.6v4" {...ink(1.8)} />
      <circle cx="8" cy="11" r="1" fill="var(--cw-ink)" />
    </>
  ),
};

function line(strokeWidth: number) {
  return { stroke: 'currentColor', fill: 'none', strokeWidth };
}

function ink(strokeWidth: number) {
  return { stroke: 'var(--cw-ink)', fill: 'none', strokeWidth };
}
