// SPDX-License-Identifier: Apache-2.0
import { Informer } from '../runtime/Informer';
import {
  controllerOf,
  keyOf,
  KubernetesObject,
  OwnerReference,
  Resource,
} from '../runtime/resources';
import { WorkQueue } from '../runtime/WorkQueue';
import { canonicalJson } from './templateHash';

/** The dependents of an owner, found by the owner's uid. */
export class OwnedIndex<T extends KubernetesObject> {
  readonly #keysByOwner = new Map<string, Set<string>>();

  constructor(private readonly informer: Informer<T>) {
    informer.onChange((object, previous) => {
      const before = previous && controllerOf(previous)?.uid;
      const after = object && controllerOf(object)?.uid;
      if (previous && before && before !== after)
        this.#keysByOwner.get(before)?.delete(keyOf(previous.metadata));
      if (!object || !after) return;
      const keys = this.#keysByOwner.get(after) ?? new Set<string>();
      this.#keysByOwner.set(after, keys.add(keyOf(object.metadata)));
    });
  }

  /** The cached dependents of an owner. */
  of(owner: KubernetesObject): readonly T[] {
    const keys = this.#keysByOwner.get(owner.metadata.uid) ?? new Set<string>();
    return [...keys].flatMap(key => {
      const object = this.informer.get(key);
      return object ? [object] : [];
    });
  }
}

/** The entry by which an object names the one that manages it. */
export function ownerReference<T extends KubernetesObject>(
  { apiVersion, kind }: Resource<T>,
  { metadata: { name, uid } }: T,
): OwnerReference {
  return {
    apiVersion,
    kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Asks for a look at the owner of everything that changes. */
export function visitOwner<T extends KubernetesObject>(
  dependents: Informer<T>,
  ownerKind: string,
  queue: WorkQueue,
): void {
  dependents.onChange((object, previous) => {
    const subject = object ?? previous;
    const owner = subject && controllerOf(subject);
    if (subject && owner?.kind === ownerKind) {
      queue.add(
        keyOf({ namespace: subject.metadata.namespace, name: owner.name }),
      );
    }
  });
}

/** Asks for a look at every object of a kind that changes. */
export function visitChanged<T extends KubernetesObject>(
  informer: Informer<T>,
  queue: WorkQueue,
): void {
  informer.onChange((object, previous) => {
    if (object) queue.add(keyOf(object.metadata));
    else if (previous) queue.forget(keyOf(previous.metadata));
  });
}

/** The merge patch from one status to the next: fields that vanish are set to null; undefined when nothing changes. */
export function statusPatch(
  before: object | undefined,
  after: object,
): object | undefined {
  const gone = Object.keys(before ?? {}).filter(field => !(field in after));
  if (gone.length === 0 && canonicalJson(before ?? {}) === canonicalJson(after))
    return undefined;
  return { ...Object.fromEntries(gone.map(field => [field, null])), ...after };
}

/** The name of the Deployment, DaemonSet or other owner of a pod; its own without one. */
export function workloadOf(pod: KubernetesObject): string {
  const owner = controllerOf(pod);
  const hash = pod.metadata.labels?.['pod-template-hash'];
  const name = owner?.name ?? pod.metadata.name;
  return owner?.kind === 'ReplicaSet' && hash && name.endsWith(`-${hash}`)
    ? name.slice(0, -hash.length - 1)
    : name;
}
