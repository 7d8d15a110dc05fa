// SPDX-License-Identifier: Apache-2.0
import { Informer } from '../runtime/Informer';
import { keyOf } from '../runtime/resources';
import { Pod } from './workloads';

/** The cached pods of each node. */
export class PodsByNode {
  readonly #keys = new Map<string, Set<string>>();

  constructor(private readonly informer: Informer<Pod>) {
    informer.onChange((pod, previous) => {
      if (pod?.spec.nodeName === previous?.spec.nodeName) return;
      if (previous?.spec.nodeName) this.#remove(previous);
      if (!pod?.spec.nodeName) return;
      const keys = this.#keys.get(pod.spec.nodeName) ?? new Set<string>();
      this.#keys.set(pod.spec.nodeName, keys.add(keyOf(pod.metadata)));
    });
  }

  /** The pods bound to a node, those that have ended too. */
  of(node: string): readonly Pod[] {
    return [...(this.#keys.get(node) ?? [])].flatMap(
      key => this.informer.get(key) ?? [],
    );
  }

  #remove({ metadata, spec }: Pod): void {
    const node = spec.nodeName ?? '';
    const keys = this.#keys.get(node);
    keys?.delete(keyOf(metadata));
    if (keys?.size === 0) this.#keys.delete(node);
  }
}
