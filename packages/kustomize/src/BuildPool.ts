// SPDX-License-Identifier: Apache-2.0

import type { Answer } from './answer';
import { BuildThread, type BuildLimits } from './BuildThread';
import { KustomizeError } from './KustomizeError';

export interface BuildPoolOptions {
  /** How many builds run at the same time. */
  readonly size: number;
  /** Called once, at the first build. */
  readonly loadModule: () => Promise<WebAssembly.Module>;
}

/** A build that waits for its turn. */
interface Turn {
  readonly take: () => void;
  readonly giveUp: (reason: unknown) => void;
}

/**
 * Shares a few warm threads among all builds, first come, first served. A
 * thread that ended is replaced at the next build. The time limit of a build
 * starts with its turn, so a slow build does not fail those behind it.
 */
export class BuildPool {
  readonly #loadModule: () => Promise<WebAssembly.Module>;
  readonly #idle: BuildThread[] = [];
  readonly #busy = new Set<BuildThread>();
  readonly #waiting: Turn[] = [];
  #module: Promise<WebAssembly.Module> | undefined;
  #freeTurns: number;
  #disposed = false;

  constructor({ size, loadModule }: BuildPoolOptions) {
    this.#freeTurns = size;
    this.#loadModule = loadModule;
  }

  async run(request: Uint8Array, limits: BuildLimits): Promise<Answer> {
    this.#refuseWhenDisposed();
    await this.#turn(limits.signal);
    try {
      const module = await this.#compiled();
      this.#refuseWhenDisposed();
      limits.signal?.throwIfAborted();
      const thread = this.#takeIdle() ?? new BuildThread(module);
      return await this.#runOn(thread, request, limits);
    } finally {
      this.#passTurnOn();
    }
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const turn of this.#waiting.splice(0)) turn.giveUp(closed());
    const threads = [...this.#idle.splice(0), ...this.#busy];
    await Promise.all(threads.map(thread => thread.stop()));
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#freeTurns > 0) {
      this.#freeTurns -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const turn: Turn = {
        take: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        giveUp: reason => {
          signal?.removeEventListener('abort', onAbort);
          reject(reason);
        },
      };
      const waiting = this.#waiting;
      waiting.push(turn);
      signal?.addEventListener('abort', onAbort);

      function onAbort() {
        waiting.splice(waiting.indexOf(turn), 1);
        turn.giveUp(signal?.reason);
      }
    });
  }

  #passTurnOn(): void {
    const next = this.#waiting.shift();
    if (next) next.take();
    else this.#freeTurns += 1;
  }

  /** A failure is not kept: the next build tries again. */
  #compiled(): Promise<WebAssembly.Module> {
    this.#module ??= this.#loadModule().catch(error => {
      this.#module = undefined;
      throw error;
    });
    return this.#module;
  }

  #takeIdle(): BuildThread | undefined {
    const thread = this.#idle.pop();
    return thread && !thread.alive ? this.#takeIdle() : thread;
  }

  async #runOn(
    thread: BuildThread,
    request: Uint8Array,
    limits: BuildLimits,
  ): Promise<Answer> {
    this.#busy.add(thread);
    try {
      return await thread.run(request, limits);
    } finally {
      this.#busy.delete(thread);
      if (thread.alive && !this.#disposed) this.#idle.push(thread);
    }
  }

  #refuseWhenDisposed(): void {
    if (this.#disposed) throw closed();
  }
}

function closed(): KustomizeError {
  return new KustomizeError('disposed', 'The builder was closed.');
}
