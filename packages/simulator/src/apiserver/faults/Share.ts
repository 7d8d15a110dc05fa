// SPDX-License-Identifier: Apache-2.0
import type { FaultScope } from './Fault';
import type { FaultTarget } from './scope';

/**
 * Decides which of the requests in a scope a fault meets.
 *
 * The decision depends on the seed, on verb and path, and on how many requests
 * of that verb and path came before. It does not depend on what other clients
 * ask meanwhile, so that a test meets the same requests each time. It is made
 * once per request: a watch that was met stays met.
 */
export class Share {
  readonly #counts = new Map<string, number>();
  readonly #decisions = new WeakMap<FaultTarget, boolean>();

  constructor(private readonly scope: FaultScope) {}

  meets(target: FaultTarget): boolean {
    const { share = 1, seed = 1 } = this.scope;
    if (share >= 1) return true;
    const known = this.#decisions.get(target);
    if (known !== undefined) return known;
    const kind = `${target.verb} ${target.path}`;
    const before = this.#counts.get(kind) ?? 0;
    this.#counts.set(kind, before + 1);
    const isMet = chanceOf(`${seed} ${before} ${kind}`) < share;
    this.#decisions.set(target, isMet);
    return isMet;
  }
}

/** A number from 0 to below 1 that a text always gives: FNV-1a with the last step of MurmurHash3. */
function chanceOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
