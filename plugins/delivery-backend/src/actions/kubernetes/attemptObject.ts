// SPDX-License-Identifier: Apache-2.0
import type { ActionEvidence } from '@causeway/plugin-delivery-common';
import type { DeviceActionContext } from '@causeway/plugin-delivery-node';
import { recordIn, textIn } from '../../clusters/fields';

/**
 * The name of what an attempt makes in the cluster, by which it is found again after a crash. Another
 * attempt makes another one.
 */
export function attemptName({
  id,
  attempt,
}: Pick<DeviceActionContext, 'id' | 'attempt'>): string {
  return `causeway-action-${id}-${attempt}`.slice(0, 63);
}

/** Metadata of what an attempt makes in the cluster, for people who find it there. */
export function attemptMetadata(context: DeviceActionContext) {
  return {
    name: attemptName(context),
    labels: {
      'app.kubernetes.io/managed-by': 'causeway',
      'causeway.dev/action': context.id,
    },
    annotations: {
      'causeway.dev/device': context.node,
      'causeway.dev/attempt': String(context.attempt),
    },
  };
}

/** `namespace/name` of an object, or its name where it has no namespace. */
export function nameOf(object: unknown): string {
  const metadata = recordIn(object, 'metadata');
  const namespace = textIn(metadata, 'namespace');
  const name = textIn(metadata, 'name') ?? '';
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** What was seen in an object that was read, for the receipt. */
export function objectEvidence(
  { now }: Pick<DeviceActionContext, 'now'>,
  kind: string,
  object: unknown,
  seen: string,
): ActionEvidence {
  return {
    object: `${kind} ${nameOf(object)}`,
    resourceVersion: textIn(recordIn(object, 'metadata'), 'resourceVersion'),
    seen,
    at: now.toISOString(),
  };
}
