// SPDX-License-Identifier: Apache-2.0
import type { TargetState } from '../../cluster/targetState';
import { engineTitle } from './canaryRun';

/**
 * Why it is not known what serves users for a target, although something may: its engine tells the
 * newest version only. Undefined where it is known, which includes that nothing is there.
 */
export function untoldImages({
  target,
  workload,
  canary,
}: TargetState): string | undefined {
  if (!canary || canary.declared.length === 0) return undefined;
  if (!workload || workload.images.length > 0) return undefined;
  return `${target.cluster}: ${engineTitle(
    canary.engine,
  )} does not tell what serves ${
    target.workload.name
  } until its newest version is stable.`;
}
