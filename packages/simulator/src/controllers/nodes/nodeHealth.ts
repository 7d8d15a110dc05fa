// SPDX-License-Identifier: Apache-2.0
import { Condition, conditionOf, timestamp } from '../runtime/resources';
import { Node } from '../workloads/workloads';
import { Lease } from './leases';

/** What is remembered of a node between two looks at it. */
export interface NodeHealth {
  /** When the node was last seen to do something, in milliseconds since the epoch by the controller's clock. */
  readonly probedAt: number;
  readonly heartbeat?: string;
  readonly renewTime?: string;
}

/** Grace for silent nodes, in milliseconds. */
export interface GracePeriods {
  /** Of a node that reported before. */
  readonly monitor: number;
  /** Of a node that never reported. */
  readonly startup: number;
}

/** What a kubelet says of its node; all of it is unknown when the node is silent. */
const kubeletConditionTypes = [
  'Ready',
  'MemoryPressure',
  'DiskPressure',
  'PIDPressure',
];

/** What is known of a node after a look at it. Times of the node's own clock only count as signs of change. */
export function observeNode(
  known: NodeHealth | undefined,
  node: Node,
  lease: Lease | undefined,
  now: number,
): NodeHealth {
  const ready = conditionOf(node.status?.conditions, 'Ready');
  const heartbeat = ready?.lastHeartbeatTime;
  const renewTime = lease?.spec?.renewTime;
  const firstSeen = ready ? now : Date.parse(node.metadata.creationTimestamp);
  const reported =
    known !== undefined && ready !== undefined && known.heartbeat !== heartbeat;
  // A clock that was set back renews nothing until it has caught up.
  const renewed =
    renewTime !== undefined && renewTime > (known?.renewTime ?? '');
  return {
    probedAt: reported || renewed ? now : known?.probedAt ?? firstSeen,
    heartbeat,
    renewTime: renewed ? renewTime : known?.renewTime,
  };
}

/** Whether a node has been silent for longer than it may be. */
export function isSilent(
  { probedAt }: NodeHealth,
  { status }: Node,
  grace: GracePeriods,
  now: number,
): boolean {
  const reported = conditionOf(status?.conditions, 'Ready') !== undefined;
  return now > probedAt + (reported ? grace.monitor : grace.startup);
}

/** The conditions of a silent node; undefined when they say so already. */
export function silentConditions(
  { metadata, status }: Node,
  now: Date,
): readonly Condition[] | undefined {
  const before = status?.conditions ?? [];
  if (conditionOf(before, 'Ready')?.status === 'Unknown') return undefined;
  const lastTransitionTime = timestamp(now);
  const doubted = before.map(condition =>
    kubeletConditionTypes.includes(condition.type) &&
    condition.status !== 'Unknown'
      ? {
          ...condition,
          status: 'Unknown' as const,
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
          lastTransitionTime,
        }
      : condition,
  );
  const missing = kubeletConditionTypes
    .filter(type => !conditionOf(before, type))
    .map(type => ({
      type,
      status: 'Unknown' as const,
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
      lastHeartbeatTime: metadata.creationTimestamp,
      lastTransitionTime,
    }));
  return [...doubted, ...missing];
}
