// SPDX-License-Identifier: Apache-2.0
import { Pod } from './workloads';

/** Which images each machine has pulled. Nothing is ever removed from a machine. */
export class ImageStore {
  readonly #images = new Map<string, Set<string>>();

  has(node: string, image: string): boolean {
    return this.#images.get(node)?.has(image) ?? false;
  }

  /** Takes note that a pod runs on its node, and so its images are there. */
  keep({ spec }: Pod): void {
    const node = spec.nodeName ?? '';
    const images = this.#images.get(node) ?? new Set<string>();
    for (const { image } of spec.containers) images.add(image);
    this.#images.set(node, images);
  }

  /** The images a pod still needs on its node, each once. */
  missing({ spec }: Pod): readonly string[] {
    const needed = new Set(spec.containers.map(({ image }) => image));
    return [...needed].filter(image => !this.has(spec.nodeName ?? '', image));
  }
}
