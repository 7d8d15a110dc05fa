// SPDX-License-Identifier: Apache-2.0

/** What can be wrong with the forge on demand. */
export type ForgeFault =
  | { readonly kind: 'none' }
  /** Every connection is cut; nothing is answered. */
  | { readonly kind: 'down' }
  /** Pushes and commits by the API are refused, `count` times or until told otherwise. */
  | { readonly kind: 'refusePush'; readonly count?: number };

/** Reads a fault from the body of a request; undefined when it is none. */
export function parseForgeFault(body: unknown): ForgeFault | undefined {
  if (typeof body !== 'object' || body === null || !('kind' in body))
    return undefined;
  const { kind } = body;
  if (kind === 'none' || kind === 'down') return { kind };
  if (kind !== 'refusePush') return undefined;
  const count = 'count' in body ? body.count : undefined;
  if (count === undefined) return { kind };
  return Number.isInteger(count) && Number(count) > 0
    ? { kind, count: Number(count) }
    : undefined;
}

/** The fault that is on now. */
export class ForgeFaults {
  #fault: ForgeFault = { kind: 'none' };

  get current(): ForgeFault {
    return this.#fault;
  }

  /** Replaces the fault that is on. */
  set(fault: ForgeFault): void {
    this.#fault = fault;
  }

  get isDown(): boolean {
    return this.#fault.kind === 'down';
  }

  /** Whether this push must be refused; counts it. */
  takeRefusal(): boolean {
    if (this.#fault.kind !== 'refusePush') return false;
    const { count } = this.#fault;
    if (count !== undefined) {
      this.#fault =
        count > 1 ? { kind: 'refusePush', count: count - 1 } : { kind: 'none' };
    }
    return true;
  }
}
