// SPDX-License-Identifier: Apache-2.0
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { ApiError, expired } from './status';

/**
 * Narrows a fault to some requests; without it all are meant.
 *
 * @public
 */
export interface FaultScope {
  readonly verbs?: readonly string[];
  readonly resources?: readonly string[];
  readonly namespaces?: readonly string[];
}

/**
 * What is wrong with the server:
 * - `slow`: every answer starts later;
 * - `hang`: connections are accepted, nothing is answered, open watches fall
 *   silent; requests still waiting when the fault ends are answered then;
 * - `error`: every request is answered with this code, 500 if none is named;
 * - `forbidden`: every request is answered with 403;
 * - `gone`: history is lost: open watches end with 410, older resource
 *   versions and continued lists are answered with 410 while it lasts;
 * - `cut`: open connections are cut, once; new ones are served;
 * - `refuse`: the port is closed and open connections are cut.
 *
 * @public
 */
export type Fault =
  | ({ readonly kind: 'slow'; readonly milliseconds: number } & FaultScope)
  | ({ readonly kind: 'hang' } & FaultScope)
  | ({ readonly kind: 'error'; readonly code?: number } & FaultScope)
  | ({ readonly kind: 'forbidden' } & FaultScope)
  | { readonly kind: 'gone' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'refuse' };

/** What a request is, as far as faults can tell requests apart. */
export interface FaultTarget {
  readonly verb: string;
  readonly resource?: string;
  readonly namespace?: string;
}

/**
 * The faults of one server, one at a time.
 *
 * @public
 */
export interface Faults {
  /** The fault that holds now. */
  readonly current: Fault | undefined;
  /** Replaces the fault that holds; resolves when it has taken effect. */
  set(fault: Fault): Promise<void>;
  /** Ends the fault that holds, if any; the port is open again after it. */
  clear(): Promise<void>;
  /** Lets all that waits go on, but leaves a closed port closed: before stopping. */
  release(): void;
}

/** Faults, as the server itself sees them. */
export class FaultSwitchboard implements Faults {
  #current: Fault | undefined;
  #released = new Set<() => void>();
  readonly #watchers = new Set<() => void>();

  constructor(
    private readonly server: Server,
    private readonly sockets: ReadonlySet<Socket>,
    private readonly listen: () => Promise<void>,
    private readonly forgetHistory: () => void,
  ) {}

  get current(): Fault | undefined {
    return this.#current;
  }

  async set(fault: Fault): Promise<void> {
    await this.clear();
    if (fault.kind === 'cut') {
      this.#cut();
      return;
    }
    this.#current = fault;
    if (fault.kind === 'gone') {
      this.forgetHistory();
      for (const end of [...this.#watchers]) end();
    }
    if (fault.kind === 'refuse') {
      const closed = new Promise(resolve => this.server.close(resolve));
      this.#cut();
      await closed;
    }
  }

  async clear(): Promise<void> {
    const ended = this.#current;
    this.release();
    if (ended?.kind === 'refuse') await this.listen();
  }

  release(): void {
    this.#current = undefined;
    const released = [...this.#released];
    this.#released = new Set();
    for (const release of released) release();
  }

  /**
   * Lets a request pass, late, never or not at all.
   *
   * @throws ApiError what the fault answers.
   */
  async admit(target: FaultTarget, signal: AbortSignal): Promise<void> {
    const fault = this.#current;
    if (!fault || !concerns(fault, target)) return;
    switch (fault.kind) {
      case 'slow':
        await pause(fault.milliseconds, signal);
        return;
      case 'hang':
        await this.#untilReleased(signal);
        return;
      case 'error':
        throw simulated(fault.code ?? 500);
      case 'forbidden':
        throw simulated(403);
      default:
    }
  }

  /** Whether watches of a target must be silent now. */
  isSilent(target: FaultTarget): boolean {
    return this.#current?.kind === 'hang' && concerns(this.#current, target);
  }

  /** Calls back once, when the fault that holds now has ended. */
  onceCleared(callback: () => void): () => void {
    this.#released.add(callback);
    return () => this.#released.delete(callback);
  }

  /** Calls back when open watches must end with 410. */
  onGone(callback: () => void): () => void {
    this.#watchers.add(callback);
    return () => this.#watchers.delete(callback);
  }

  /** @throws ApiError 410 while history is lost. */
  mustHaveHistory(): void {
    if (this.#current?.kind === 'gone') {
      throw expired('too old resource version: simulated fault');
    }
  }

  #cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  #untilReleased(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const release = this.onceCleared(resolve);
      signal.addEventListener('abort', () => {
        release();
        resolve();
      });
    });
  }
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function simulated(code: number): ApiError {
  const reason = REASONS[code] ?? 'InternalError';
  return new ApiError(code, reason, `${reason}: simulated fault`, {
    ...(code === 429 && { retryAfterSeconds: 1 }),
  });
}

function concerns(fault: Fault, target: FaultTarget): boolean {
  if (!('verbs' in fault || 'resources' in fault || 'namespaces' in fault)) {
    return true;
  }
  const has = (list: readonly string[] | undefined, value = '') =>
    list === undefined || list.includes(value);
  return (
    has(fault.verbs, target.verb) &&
    has(fault.resources, target.resource) &&
    has(fault.namespaces, target.namespace)
  );
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
