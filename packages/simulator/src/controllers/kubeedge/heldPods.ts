// SPDX-License-Identifier: Apache-2.0
import { conditionOf, timestamp } from '../runtime/resources';
import { Node, Pod } from '../workloads/workloads';
import { isEdgeNode } from './edgeNodes';

/** The annotation by which a pod waits for somebody at its device. */
export const holdUpgradeAnnotation = 'edge.kubeedge.io/hold-upgrade';

const heldType = 'HeldUpgrade';

/** Whether an edge node does not start a pod before somebody releases it there. */
export function isHeld({ metadata }: Pod, node: Node | undefined): boolean {
  return (
    isEdgeNode(node) && metadata.annotations?.[holdUpgradeAnnotation] === 'true'
  );
}

/** The status of a held pod; undefined when it says so already. */
export function heldStatus({ status }: Pod, now: Date): object | undefined {
  const conditions = status?.conditions ?? [];
  if (conditionOf(conditions, heldType)) return undefined;
  const held = {
    type: heldType,
    status: 'True',
    reason: 'HoldUpgradeEnabled',
    message: 'Upgrade is currently held due to edge-hold-upgrade annotation',
    lastTransitionTime: timestamp(now),
  };
  return { phase: 'Pending', conditions: [...conditions, held] };
}
