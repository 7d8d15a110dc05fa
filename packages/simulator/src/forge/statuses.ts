// SPDX-License-Identifier: Apache-2.0

/** States of a commit status that Gitea documents. */
export const statusStates = [
  'success',
  'pending',
  'warning',
  'failure',
  'error',
  'skipped',
] as const;

/** State of a commit status. */
export type StatusState = (typeof statusStates)[number];

/** What several statuses say together: a warning fails too, a skipped check passes, and nothing at all is pending. */
export function combinedState(
  found: readonly StatusState[],
): 'success' | 'pending' | 'failure' {
  if (found.some(state => ['error', 'failure', 'warning'].includes(state)))
    return 'failure';
  return found.length === 0 || found.includes('pending')
    ? 'pending'
    : 'success';
}
