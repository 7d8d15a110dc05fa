// SPDX-License-Identifier: Apache-2.0
import { haveOverlays } from '../pipeline/pipeline';
import type { TargetState } from './targetState';

/**
 * The targets that speak for their stage: all of them. Of devices that have an overlay each, those that are
 * heard and serve, as long as any does: a device that is away or broken is the wave's to tell, as with a
 * DaemonSet.
 */
export function speakingTargets(
  targets: readonly TargetState[],
): readonly TargetState[] {
  if (!haveOverlays(targets.map(({ target }) => target))) return targets;
  const speaking = targets.filter(
    ({ freshness, workload }) =>
      freshness.state === 'live' && (workload?.replicas.available ?? 0) > 0,
  );
  return speaking.length > 0 ? speaking : targets;
}
