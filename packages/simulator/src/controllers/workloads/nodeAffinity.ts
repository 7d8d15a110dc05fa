// SPDX-License-Identifier: Apache-2.0
import { matchesLabels, StringMap } from '../runtime/resources';
import { Node, NodeRequirement, NodeTerm, PodSpec } from './workloads';

/** Whether labels, or other facts by name, meet one requirement. */
export function meets(
  { key, operator, values = [] }: NodeRequirement,
  facts: StringMap,
): boolean {
  const value: string | undefined = facts[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

function meetsTerm(
  { matchExpressions = [], matchFields = [] }: NodeTerm,
  { metadata }: Node,
): boolean {
  // A term that asks nothing is met by no node.
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every(one => meets(one, metadata.labels ?? {})) &&
    matchFields.every(one => meets(one, { 'metadata.name': metadata.name }))
  );
}

/** Whether a node is one that a pod's selector and required node affinity ask for. */
export function isWanted(spec: PodSpec, node: Node): boolean {
  const required =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return (
    matchesLabels(spec.nodeSelector, node.metadata.labels) &&
    (!required ||
      required.nodeSelectorTerms.some(term => meetsTerm(term, node)))
  );
}

/** A pod spec that runs on one node only. What it asked of nodes before was decided when the node was chosen. */
export function pinnedTo(node: string, spec: PodSpec): PodSpec {
  const byName: NodeTerm = {
    matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }],
  };
  return {
    ...spec,
    affinity: {
      ...spec.affinity,
      nodeAffinity: {
        ...spec.affinity?.nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [byName],
        },
      },
    },
  };
}
