// SPDX-License-Identifier: Apache-2.0

import { Worker } from 'node:worker_threads';
import type { Answer } from './answer';
import { workerFile } from './compileKustomize';
import { KustomizeError } from './KustomizeError';

/** What may end a build before it is done. */
export interface BuildLimits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * One worker thread, one build at a time.
 *
 * WebAssembly cannot be interrupted, so a build that must end early takes its
 * thread with it: after a rejected `run` the thread is gone and `alive` is false.
 * While no build runs, the thread does not keep the process alive.
 */
export class BuildThread {
  readonly #worker: Worker;
  #alive = true;

  constructor(module: WebAssembly.Module) {
    this.#worker = new Worker(workerFile, {
      workerData: module,
      // Nothing of the process: not its loaders (--require), not its secrets.
      execArgv: ['--no-warnings'],
      env: {},
      // JavaScript only; the build's own memory is limited in the module.
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    });
    this.#worker.unref();
    this.#worker.on('error', () => this.#end()).on('exit', () => this.#end());
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Runs one build; rejects with a KustomizeError or the signal's reason. */
  async run(request: Uint8Array, limits: BuildLimits): Promise<Answer> {
    this.#worker.ref();
    try {
      return await this.#answer(request, limits);
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      this.#worker.unref();
    }
  }

  #answer(
    request: Uint8Array,
    { timeoutMs, signal }: BuildLimits,
  ): Promise<Answer> {
    const worker = this.#worker;
    return new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(onTimeout, timeoutMs);
      signal?.addEventListener('abort', onAbort);
      worker.on('message', onAnswer).on('error', onError).on('exit', onExit);
      worker.postMessage(request);

      function onAnswer(answer: Answer) {
        stopListening();
        resolve(answer);
      }
      function onError(error: Error) {
        fail(threadFailed(error));
      }
      function onExit() {
        fail(threadClosed());
      }
      function onTimeout() {
        fail(timedOut(timeoutMs));
      }
      function onAbort() {
        fail(signal?.reason);
      }
      function fail(reason: unknown) {
        stopListening();
        reject(reason);
      }
      function stopListening() {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        worker
          .off('message', onAnswer)
          .off('error', onError)
          .off('exit', onExit);
      }
    });
  }

  async stop(): Promise<void> {
    this.#end();
    await this.#worker.terminate();
  }

  #end(): void {
    this.#alive = false;
  }
}

/** Only `dispose` stops a thread while it works. */
function threadClosed(): KustomizeError {
  return new KustomizeError('disposed', 'The builder was closed.');
}

function timedOut(timeoutMs: number): KustomizeError {
  return new KustomizeError(
    'timeout',
    `The build was ended after ${timeoutMs} ms. Look for very large files, or allow it more time.`,
  );
}

function threadFailed(error: Error): KustomizeError {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new KustomizeError('tooLarge', 'The output of the build is too large.')
    : new KustomizeError(
        'buildFailed',
        `The build's thread failed: ${error.message}`,
      );
}
