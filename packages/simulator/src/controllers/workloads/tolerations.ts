// SPDX-License-Identifier: Apache-2.0
import { PodSpec, Taint, Toleration } from './workloads';

/** Whether a toleration covers a taint. */
export function tolerates(
  { key, operator, value, effect }: Toleration,
  taint: Taint,
): boolean {
  return (
    (!key || key === taint.key) &&
    (!effect || effect === taint.effect) &&
    (operator === 'Exists' || (value ?? '') === (taint.value ?? ''))
  );
}

/** The first of the taints with one of the effects that no toleration covers. */
export function untolerated(
  tolerations: readonly Toleration[] = [],
  taints: readonly Taint[] = [],
  effects: readonly Taint['effect'][] = ['NoSchedule', 'NoExecute'],
): Taint | undefined {
  return taints.find(
    taint =>
      effects.includes(taint.effect) &&
      !tolerations.some(toleration => tolerates(toleration, taint)),
  );
}

/**
 * How long a pod may stay on a node with these taints, in seconds: 0 when it
 * does not tolerate one that is `NoExecute`, `Infinity` when nothing drives it away.
 */
export function stayOf(
  tolerations: readonly Toleration[] = [],
  taints: readonly Taint[] = [],
): number {
  const driving = taints.filter(({ effect }) => effect === 'NoExecute');
  if (untolerated(tolerations, driving)) return 0;
  // The first toleration that covers a taint decides, as in the real controller.
  const limits = driving.map(
    taint =>
      tolerations.find(toleration => tolerates(toleration, taint))
        ?.tolerationSeconds ?? Infinity,
  );
  return Math.max(0, Math.min(Infinity, ...limits));
}

const exists = (
  name: string,
  effect: 'NoSchedule' | 'NoExecute',
): Toleration => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect,
});

/** What every pod of a daemon set tolerates: troubles of its node neither keep it away nor drive it off. */
export function withDaemonTolerations(spec: PodSpec): PodSpec {
  const own = [
    exists('not-ready', 'NoExecute'),
    exists('unreachable', 'NoExecute'),
    exists('disk-pressure', 'NoSchedule'),
    exists('memory-pressure', 'NoSchedule'),
    exists('pid-pressure', 'NoSchedule'),
    exists('unschedulable', 'NoSchedule'),
    ...(spec.hostNetwork ? [exists('network-unavailable', 'NoSchedule')] : []),
  ];
  const same = (one: Toleration, other: Toleration) =>
    one.key === other.key &&
    one.effect === other.effect &&
    (one.operator ?? 'Equal') === other.operator &&
    (one.value ?? '') === '';
  const given = (spec.tolerations ?? []).filter(
    one => !own.some(other => same(one, other)),
  );
  return { ...spec, tolerations: [...given, ...own] };
}
