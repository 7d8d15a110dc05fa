// SPDX-License-Identifier: Apache-2.0
import type { Drill, DrillVerdict } from './drill';

/** How a drill went, from its findings. What was not seen is never passed. */
export function verdictOf({
  findings,
  ending,
  abort,
}: Pick<Drill, 'findings' | 'ending' | 'abort'>): DrillVerdict {
  if (ending?.reason === 'notBegun') return 'notBegun';
  if (abort) return 'aborted';
  if (ending?.reason === 'interrupted' || ending?.reason === 'tooLong') {
    return 'interrupted';
  }
  if (findings.some(({ outcome }) => outcome === 'notMet')) return 'failed';
  return findings.every(({ outcome }) => outcome === 'met')
    ? 'passed'
    : 'unclear';
}
