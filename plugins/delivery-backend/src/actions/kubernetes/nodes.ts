// SPDX-License-Identifier: Apache-2.0
import { ServiceUnavailableError } from '@backstage/errors';
import type { ActionEvidence } from '@causeway/plugin-delivery-common';
import type {
  DeviceActionContext,
  DeviceActionTurn,
} from '@causeway/plugin-delivery-node';
import { flagIn, listIn, recordIn, textIn } from '../../clusters/fields';

/** A Node as actions see it. */
export interface ReadNode {
  readonly resourceVersion: string;
  readonly unschedulable: boolean;
  readonly taints: readonly unknown[];
  readonly bootId?: string;
  readonly ready: boolean;
}

/** Path of a node. */
export function nodePath(node: string): string {
  return `/api/v1/nodes/${encodeURIComponent(node)}`;
}

/** Reads the device's Node from the API server. Undefined when there is none. */
export async function readNode({
  cluster,
  node,
}: Pick<DeviceActionContext, 'cluster' | 'node'>): Promise<
  ReadNode | undefined
> {
  const object = await cluster.get(nodePath(node));
  if (object === undefined) return undefined;
  const spec = recordIn(object, 'spec');
  const status = recordIn(object, 'status');
  const ready = listIn(status, 'conditions').find(
    each => textIn(each, 'type') === 'Ready',
  );
  return {
    resourceVersion:
      textIn(recordIn(object, 'metadata'), 'resourceVersion') ?? '',
    unschedulable: flagIn(spec, 'unschedulable'),
    taints: listIn(spec, 'taints'),
    bootId: textIn(recordIn(status, 'nodeInfo'), 'bootID'),
    ready: textIn(ready, 'status') === 'True',
  };
}

/** Changes the spec of the node that was read; somebody who changed it meanwhile makes it a later turn. */
export async function patchNode(
  { cluster, node }: DeviceActionContext,
  { resourceVersion }: ReadNode,
  spec: object,
): Promise<void> {
  const outcome = await cluster.patch(nodePath(node), {
    metadata: { resourceVersion },
    spec,
  });
  if (outcome === 'stale') {
    throw new ServiceUnavailableError(
      'The node was changed by somebody else at the same moment.',
    );
  }
}

/** What was read of the node, for the receipt. */
export function nodeEvidence(
  { node, now }: Pick<DeviceActionContext, 'node' | 'now'>,
  { resourceVersion }: ReadNode,
  seen: string,
): ActionEvidence {
  return {
    object: `Node ${node}`,
    resourceVersion,
    seen,
    at: now.toISOString(),
  };
}

/** The end of an action whose node is not there any more. */
export function nodeGone({ node }: DeviceActionContext): DeviceActionTurn {
  return {
    state: 'failed',
    message: `The cluster has no node ${node} any more.`,
    retry: false,
  };
}
