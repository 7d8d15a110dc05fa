// SPDX-License-Identifier: Apache-2.0
import { conditionOf, timestamp } from '../runtime/resources';
import { Node, Taint } from '../workloads/workloads';

const prefix = 'node.kubernetes.io/';
const notReady = `${prefix}not-ready`;
const unreachable = `${prefix}unreachable`;

/** The taint that stands for a condition in a status. */
const conditionTaints: readonly (readonly [
  type: string,
  status: string,
  key: string,
])[] = [
  ['Ready', 'False', notReady],
  ['Ready', 'Unknown', unreachable],
  ['MemoryPressure', 'True', `${prefix}memory-pressure`],
  ['DiskPressure', 'True', `${prefix}disk-pressure`],
  ['NetworkUnavailable', 'True', `${prefix}network-unavailable`],
  ['PIDPressure', 'True', `${prefix}pid-pressure`],
];
const cordon = `${prefix}unschedulable`;
const managed = [cordon, ...conditionTaints.map(([, , key]) => key)];

/** The taint that drives pods off a node that is not ready; undefined for one that is, or that never said. */
function drivingTaint({ status }: Node): Taint | undefined {
  const ready = conditionOf(status?.conditions, 'Ready')?.status;
  if (ready === undefined || ready === 'True') return undefined;
  return {
    key: ready === 'False' ? notReady : unreachable,
    effect: 'NoExecute',
  };
}

/** Whether pods should be driven off a node, if that is not too many nodes at once. */
export function isToBeDrained(node: Node): boolean {
  return drivingTaint(node) !== undefined;
}

const isDriving = ({ key, effect }: Taint) =>
  effect === 'NoExecute' && (key === notReady || key === unreachable);

/** Whether a node carries the taint that drives pods away already. */
export function isDrained({ spec }: Node): boolean {
  return (spec?.taints ?? []).some(isDriving);
}

const same = (one: Taint) => (other: Taint) =>
  one.key === other.key && one.effect === other.effect;

/**
 * The taints a node should have by its conditions and its cordon; undefined when
 * it has them. Taints that somebody else set stay.
 *
 * @param mayDrain whether the taint that drives pods away may be set.
 */
export function planTaints(
  node: Node,
  mayDrain: boolean,
  now: Date,
): readonly Taint[] | undefined {
  const present = node.spec?.taints ?? [];
  const driving = mayDrain ? drivingTaint(node) : undefined;
  const wanted: readonly Taint[] = [
    ...conditionTaints
      .filter(
        ([type, status]) =>
          conditionOf(node.status?.conditions, type)?.status === status,
      )
      .map(([, , key]): Taint => ({ key, effect: 'NoSchedule' })),
    ...(node.spec?.unschedulable
      ? [{ key: cordon, effect: 'NoSchedule' } as const]
      : []),
    ...(driving ? [driving] : []),
  ];
  const isOurs = (taint: Taint) =>
    isDriving(taint) ||
    (taint.effect === 'NoSchedule' && managed.includes(taint.key));
  const kept = present.filter(
    taint => !isOurs(taint) || wanted.some(same(taint)),
  );
  const added = wanted
    .filter(taint => !present.some(same(taint)))
    .map(taint => ({ ...taint, timeAdded: timestamp(now) }));
  if (added.length === 0 && kept.length === present.length) return undefined;
  return [...kept, ...added];
}
