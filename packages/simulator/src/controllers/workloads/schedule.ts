// SPDX-License-Identifier: Apache-2.0
import { conditionOf, controllerOf } from '../runtime/resources';
import { isWanted } from './nodeAffinity';
import { shortHash } from './templateHash';
import { untolerated } from './tolerations';
import { Node, Pod, Taint } from './workloads';

/** Where a pod goes, or why it goes nowhere. */
export type Placement =
  | { readonly kind: 'node'; readonly node: Node }
  | { readonly kind: 'none'; readonly message: string };

const cordon: Taint = {
  key: 'node.kubernetes.io/unschedulable',
  effect: 'NoSchedule',
};

/** Why a pod may not run on a node, in the scheduler's words; undefined when it may. */
export function objection(pod: Pod, node: Node): string | undefined {
  const { tolerations } = pod.spec;
  if (node.spec?.unschedulable && untolerated(tolerations, [cordon]))
    return 'node(s) were unschedulable';
  const taint = untolerated(tolerations, node.spec?.taints);
  if (taint) {
    const text = taint.value ? `${taint.key}: ${taint.value}` : taint.key;
    return `node(s) had untolerated taint {${text}${taint.value ? '' : ': '}}`;
  }
  if (!isWanted(pod.spec, node))
    return "node(s) didn't match Pod's node affinity/selector";
  if (conditionOf(node.status?.conditions, 'Ready')?.status !== 'True')
    return 'node(s) were not ready';
  return undefined;
}

/**
 * Spreads the pods of an owner over the nodes. Among nodes with equally many
 * of them it draws by the names of owner and node alone, so that a pod's place
 * does not depend on which other pods happened to come first.
 *
 * @param siblingsOn - how many pods of the same owner a node has
 */
export function place(
  pod: Pod,
  nodes: readonly Node[],
  siblingsOn: (nodeName: string) => number,
): Placement {
  if (nodes.length === 0)
    return { kind: 'none', message: 'no nodes available to schedule pods' };
  const objections = new Map<string, number>();
  const possible: { node: Node; siblings: number; draw: string }[] = [];
  const { namespace, name } = pod.metadata;
  const owner = `${namespace}/${controllerOf(pod)?.name ?? name}`;
  for (const node of nodes) {
    const reason = objection(pod, node);
    if (reason) objections.set(reason, (objections.get(reason) ?? 0) + 1);
    else
      possible.push({
        node,
        siblings: siblingsOn(node.metadata.name),
        draw: shortHash(`${owner} ${node.metadata.name}`),
      });
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
    (a, b) => a.siblings - b.siblings || (a.draw < b.draw ? -1 : 1),
  );
  return { kind: 'node', node: best.node };
}
