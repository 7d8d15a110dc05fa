// SPDX-License-Identifier: Apache-2.0
import { conditionOf, matchesLabels, StringMap } from '../runtime/resources';
import { Node } from '../workloads/workloads';
import {
  belongingLabel,
  NodeGroup,
  NodeGroupMember,
  zoneLabel,
} from './nodeGroupObjects';

/** Labels to set on a node; null takes one away. */
export interface LabelChange {
  readonly node: string;
  readonly labels: Readonly<Record<string, string | null>>;
}

/** What a group says of its nodes, and which labels have to change. */
export interface NodeGroupPlan {
  readonly members: readonly NodeGroupMember[];
  readonly changes: readonly LabelChange[];
}

function readyStatusOf(node: Node | undefined): NodeGroupMember['readyStatus'] {
  const ready = conditionOf(node?.status?.conditions, 'Ready')?.status;
  if (ready === 'True') return 'Ready';
  return ready === 'False' ? 'NotReady' : 'Unknown';
}

type Labels = LabelChange['labels'];

/** A member gets the group, and with topology the zone; without, it loses whatever zone it has once it belongs. */
function joining(
  group: string,
  labels: StringMap,
  topology: boolean,
): Labels | undefined {
  if (topology) {
    const wanted = { [belongingLabel]: group, [zoneLabel]: group };
    return matchesLabels(wanted, labels) ? undefined : wanted;
  }
  if (labels[belongingLabel] !== group) return { [belongingLabel]: group };
  return labels[zoneLabel] === undefined ? undefined : { [zoneLabel]: null };
}

/** Who leaves loses its zone too, whoever has given it. */
function leaving(group: string, labels: StringMap): Labels | undefined {
  if (labels[belongingLabel] !== group) return undefined;
  const isZoned = labels[zoneLabel] !== undefined;
  return { [belongingLabel]: null, ...(isZoned ? { [zoneLabel]: null } : {}) };
}

/**
 * Compares a group with the nodes of its cluster. A node belongs to one group at
 * most: the first that has labelled it. A group that is being deleted lets all
 * its nodes go.
 */
export function planNodeGroup(
  { metadata, spec }: NodeGroup,
  nodes: readonly Node[],
): NodeGroupPlan {
  const { name } = metadata;
  const { topologyEnabled = false } = spec;
  const isEnding = metadata.deletionTimestamp !== undefined;
  const byName = new Map(nodes.map(node => [node.metadata.name, node]));
  const hasLabels = Object.keys(spec.matchLabels ?? {}).length > 0;
  const labelled = nodes
    .filter(
      node =>
        hasLabels && matchesLabels(spec.matchLabels, node.metadata.labels),
    )
    .map(node => node.metadata.name);
  const selected = isEnding
    ? []
    : [...new Set([...(spec.nodes ?? []), ...labelled])].sort();

  const members = selected.map((nodeName): NodeGroupMember => {
    const node = byName.get(nodeName);
    const owner = node?.metadata.labels?.[belongingLabel];
    const readyStatus = readyStatusOf(node);
    const refused = (selectionStatusReason: string) =>
      ({
        nodeName,
        readyStatus,
        selectionStatus: 'Failed',
        selectionStatusReason,
      } as const);
    if (!node) return refused('node does not exist');
    if (owner && owner !== name)
      return refused(
        `node ${nodeName} has already belonged to NodeGroup ${owner}`,
      );
    return { nodeName, readyStatus, selectionStatus: 'Succeeded' };
  });
  const chosen = new Set(
    members
      .filter(({ selectionStatus }) => selectionStatus === 'Succeeded')
      .map(({ nodeName }) => nodeName),
  );
  const changes = nodes.flatMap(({ metadata: { name: node, labels = {} } }) => {
    const change = chosen.has(node)
      ? joining(name, labels, topologyEnabled)
      : leaving(name, labels);
    return change ? [{ node, labels: change }] : [];
  });
  return { members, changes };
}
