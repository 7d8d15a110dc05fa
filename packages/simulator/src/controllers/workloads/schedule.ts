// SPDX-License-Identifier: Apache-2.0
import { conditionOf, matchesLabels } from '../runtime/resources';
import { Node, Pod, PodSpec, Taint } from './workloads';

/** Where a pod goes, or why it goes nowhere. */
export type Placement =
  | { readonly kind: 'node'; readonly node: Node }
  | { readonly kind: 'none'; readonly message: string };

/** How many pods a node has, in all and of the same owner. */
export interface NodeLoad {
  readonly siblings: number;
  readonly total: number;
}

function blockingTaint(spec: PodSpec, node: Node): Taint | undefined {
  return (node.spec?.taints ?? [])
    .filter(({ effect }) => effect !== 'PreferNoSchedule')
    .find(
      taint =>
        !(spec.tolerations ?? []).some(
          ({ key, operator, value, effect }) =>
            (!key || key === taint.key) &&
            (!effect || effect === taint.effect) &&
            (operator === 'Exists' || (value ?? '') === (taint.value ?? '')),
        ),
    );
}

/** Why a pod may not run on a node, in the scheduler's words; undefined when it may. */
export function objection(pod: Pod, node: Node): string | undefined {
  if (node.spec?.unschedulable) return 'node(s) were unschedulable';
  const taint = blockingTaint(pod.spec, node);
  if (taint) {
    const text = taint.value ? `${taint.key}: ${taint.value}` : taint.key;
    return `node(s) had untolerated taint {${text}${taint.value ? '' : ': '}}`;
  }
  if (!matchesLabels(pod.spec.nodeSelector, node.metadata.labels)) {
    return "node(s) didn't match Pod's node affinity/selector";
  }
  if (conditionOf(node.status?.conditions, 'Ready')?.status !== 'True')
    return 'node(s) were not ready';
  return undefined;
}

/** Spreads pods: the node with the fewest siblings, then the fewest pods, then by name. */
export function place(
  pod: Pod,
  nodes: readonly Node[],
  loadOf: (node: Node) => NodeLoad,
): Placement {
  if (nodes.length === 0)
    return { kind: 'none', message: 'no nodes available to schedule pods' };
  const objections = new Map<string, number>();
  const possible: { readonly node: Node; readonly load: NodeLoad }[] = [];
  for (const node of nodes) {
    const reason = objection(pod, node);
    if (reason) objections.set(reason, (objections.get(reason) ?? 0) + 1);
    else possible.push({ node, load: loadOf(node) });
  }
  if (possible.length === 0) {
    const reasons = [...objections]
      .map(([reason, count]) => `${count} ${reason}`)
      .sort()
      .join(', ');
    const all = `0/${nodes.length} nodes are available`;
    return {
      kind: 'none',
      message: `${all}: ${reasons}. no new claims to deallocate, preemption: ${all}: ${nodes.length} Preemption is not helpful for scheduling.`,
    };
  }
  const [best] = possible.sort(
    (a, b) =>
      a.load.siblings - b.load.siblings ||
      a.load.total - b.load.total ||
      (a.node.metadata.name < b.node.metadata.name ? -1 : 1),
  );
  return { kind: 'node', node: best.node };
}
