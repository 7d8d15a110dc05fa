// SPDX-License-Identifier: Apache-2.0
import type { ObservedPod } from '@causeway/plugin-delivery-common';
import type { DeviceActionContext } from '@causeway/plugin-delivery-node';
import { flagIn, listIn, recordIn, textIn } from '../../clusters/fields';
import { namespaced } from '../../clusters/namespaced';
import { trimPod } from '../../fleet/trimPods';

/** A pod as actions see it. */
export interface ReadPod extends ObservedPod {
  readonly uid: string;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly containers: readonly string[];
  /** A static pod, which only the device itself can end. */
  readonly isMirror: boolean;
  /** Whether somebody makes another one when it goes. */
  readonly isOwned: boolean;
  /** It shares the network of the device, so that no network policy reaches it. */
  readonly onHostNetwork: boolean;
}

/** Path of a pod. */
export function podPath(
  pod: Pick<ReadPod, 'namespace' | 'name'>,
  subresource?: string,
): string {
  const path = namespaced('/api/v1/pods', pod);
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** The pods that are on the device now, read from the API server. */
export async function podsOn({
  cluster,
  node,
}: Pick<DeviceActionContext, 'cluster' | 'node'>): Promise<readonly ReadPod[]> {
  return podsOf(
    await cluster.list('/api/v1/pods', { fields: `spec.nodeName=${node}` }),
  );
}

/** Pods from a list; what has not the shape of one is left out. */
export function podsOf(objects: readonly unknown[]): readonly ReadPod[] {
  return objects.flatMap(object => {
    const pod = trimPod(object);
    const metadata = recordIn(object, 'metadata');
    const spec = recordIn(object, 'spec');
    const uid = textIn(metadata, 'uid');
    if (!pod || uid === undefined) return [];
    const annotations = recordIn(metadata, 'annotations');
    return [
      {
        ...pod,
        uid,
        labels: recordIn(metadata, 'labels') ?? {},
        containers: listIn(spec, 'containers').flatMap(
          each => textIn(each, 'name') ?? [],
        ),
        isMirror:
          textIn(annotations, 'kubernetes.io/config.mirror') !== undefined,
        isOwned: listIn(metadata, 'ownerReferences').some(each =>
          flagIn(each, 'controller'),
        ),
        onHostNetwork: flagIn(spec, 'hostNetwork'),
      },
    ];
  });
}

/** What became of asking a pod to go. */
export type Eviction =
  | { readonly kind: 'asked' | 'gone' }
  /** A disruption budget keeps it for now. */
  | { readonly kind: 'kept'; readonly message: string };

/**
 * Asks for exactly this pod to go, by the Eviction API, which honours disruption budgets. Another pod
 * that has taken its name meanwhile stays.
 */
export async function evict(
  { cluster }: Pick<DeviceActionContext, 'cluster'>,
  pod: ReadPod,
): Promise<Eviction> {
  if (pod.deleting) return { kind: 'asked' };
  const answer = await cluster.create(podPath(pod, 'eviction'), {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { namespace: pod.namespace, name: pod.name },
    deleteOptions: { preconditions: { uid: pod.uid } },
  });
  switch (answer.kind) {
    case 'busy':
      return { kind: 'kept', message: answer.message };
    case 'created':
      return { kind: 'asked' };
    default:
      return { kind: 'gone' };
  }
}

/** `1 pod`, `2 pods`. */
export function countPods(count: number): string {
  return `${count} ${count === 1 ? 'pod' : 'pods'}`;
}
