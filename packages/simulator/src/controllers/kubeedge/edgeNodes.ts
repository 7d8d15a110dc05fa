// SPDX-License-Identifier: Apache-2.0
import { Node } from '../workloads/workloads';

type WithInfo = Node & {
  readonly status?: {
    readonly nodeInfo?: { readonly kubeletVersion?: string };
  };
};

/** The label of edge nodes; only an empty value counts. */
export const edgeLabel = 'node-role.kubernetes.io/edge';

/** Whether cloudcore takes a node for one of its own. */
export function isEdgeNode(node: Node | undefined): boolean {
  return node?.metadata.labels?.[edgeLabel] === '';
}

const kubeEdgeSuffix = /-kubeedge-(v[0-9][^ ]*)$/;

/** The version of KubeEdge in what a kubelet says of itself: `v1.32.5-kubeedge-v1.23.0`; undefined when it is none. */
export function kubeEdgeVersionOf(kubeletVersion: string): string | undefined {
  return kubeEdgeSuffix.exec(kubeletVersion)?.[1];
}

/** What a kubelet says of itself after an upgrade of KubeEdge. */
export function withKubeEdgeVersion(
  kubeletVersion: string,
  version: string,
): string {
  return `${kubeletVersion.replace(kubeEdgeSuffix, '')}-kubeedge-${version}`;
}

/** What the kubelet of a node says of itself; empty when it has said nothing. */
export function kubeletVersionOf(node: Node | undefined): string {
  const told: WithInfo | undefined = node;
  return told?.status?.nodeInfo?.kubeletVersion ?? '';
}
