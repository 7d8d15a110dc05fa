// SPDX-License-Identifier: Apache-2.0
import { ServiceUnavailableError } from '@backstage/errors';
import {
  readHold,
  type ActionEvidence,
  type OperatorHold,
} from '@causeway/plugin-delivery-common';
import type {
  DeviceActionContext,
  DeviceActionTurn,
} from '@causeway/plugin-delivery-node';
import { flagIn, listIn, recordIn, textIn } from '../../clusters/fields';
import { holdAnnotation, pinAnnotation } from '../../fleet/trimNodes';

/** A Node as actions see it. */
export interface ReadNode {
  readonly resourceVersion: string;
  readonly unschedulable: boolean;
  readonly taints: readonly unknown[];
  readonly bootId?: string;
  readonly ready: boolean;
  /** What its kubelet says of itself. */
  readonly version?: string;
  readonly osImage?: string;
  readonly kernelVersion?: string;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly annotations: Readonly<Record<string, unknown>>;
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
  const metadata = recordIn(object, 'metadata');
  const spec = recordIn(object, 'spec');
  const status = recordIn(object, 'status');
  const info = recordIn(status, 'nodeInfo');
  const ready = listIn(status, 'conditions').find(
    each => textIn(each, 'type') === 'Ready',
  );
  return {
    resourceVersion: textIn(metadata, 'resourceVersion') ?? '',
    unschedulable: flagIn(spec, 'unschedulable'),
    taints: listIn(spec, 'taints'),
    bootId: textIn(info, 'bootID'),
    ready: textIn(ready, 'status') === 'True',
    version: textIn(info, 'kubeletVersion'),
    osImage: textIn(info, 'osImage'),
    kernelVersion: textIn(info, 'kernelVersion'),
    labels: recordIn(metadata, 'labels') ?? {},
    annotations: recordIn(metadata, 'annotations') ?? {},
  };
}

/** What an operator has put there to keep it from being updated. */
export function holdOf({ annotations }: ReadNode): OperatorHold | undefined {
  return readHold(
    textIn(annotations, holdAnnotation),
    textIn(annotations, pinAnnotation),
  );
}

/**
 * Changes the spec of the node that was read, and annotations with it; somebody who changed it meanwhile
 * makes it a later turn. An annotation that is null is taken away.
 */
export async function patchNode(
  context: DeviceActionContext,
  read: ReadNode,
  spec: object,
  annotations?: Readonly<Record<string, string | null>>,
): Promise<void> {
  await merge(context, read, {
    spec,
    ...(annotations && { metadata: { annotations } }),
  });
}

/** Changes annotations of the node that was read, as `patchNode` does; null takes one away. */
export async function annotateNode(
  context: DeviceActionContext,
  read: ReadNode,
  annotations: Readonly<Record<string, string | null>>,
): Promise<void> {
  await merge(context, read, { metadata: { annotations } });
}

async function merge(
  { cluster, node }: DeviceActionContext,
  { resourceVersion }: ReadNode,
  change: { readonly metadata?: object; readonly spec?: object },
): Promise<void> {
  const outcome = await cluster.patch(nodePath(node), {
    ...change,
    metadata: { ...change.metadata, resourceVersion },
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
