// SPDX-License-Identifier: Apache-2.0

/** Different texts that are shared at most; what comes later is kept as it is. */
const most = 100_000;
const longest = 200;

/**
 * Keeps one copy of texts that many objects have, such as images, versions and label values: parsing
 * JSON makes a new one each time. Made once for all clusters.
 */
export class TextPool {
  readonly #texts = new Map<string, string>();

  share(text: string): string {
    if (text.length > longest) return text;
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size < most) this.#texts.set(text, text);
    return text;
  }
}

const pool = new TextPool();

/** The one copy of a text that many objects of all clusters have. */
export function share(text: string): string;
export function share(text: string | undefined): string | undefined;
export function share(text: string | undefined): string | undefined {
  return text === undefined ? undefined : pool.share(text);
}
