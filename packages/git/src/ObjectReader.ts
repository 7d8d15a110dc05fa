// SPDX-License-Identifier: Apache-2.0
import type { GitObject } from './BatchAnswers';
import { CatFile, CatFileEnded } from './CatFile';
import { ObjectMemory } from './ObjectMemory';

/** How objects are read. */
export interface ObjectReaderOptions {
  /** All of git's environment, with `GIT_DIR`. */
  readonly environment: () => NodeJS.ProcessEnv;
  /** Milliseconds without a question after which the process is ended, and without an answer after which it is taken for stuck. Default 30 s. */
  readonly patience?: number;
  /** Bytes of objects that are remembered. Default 4 MiB. */
  readonly memory?: number;
}

/**
 * Reads objects of one repository by a `git cat-file` that is started when it is first needed and
 * stays for the next questions, since starting a program costs far more than an answer. One that
 * has died is replaced; one that is no longer asked ends. Objects that were asked for by their id
 * are remembered: what an id means never changes.
 */
export class ObjectReader {
  #process: CatFile | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #remembered: ObjectMemory;

  constructor(private readonly options: ObjectReaderOptions) {
    this.#remembered = new ObjectMemory(options.memory ?? 4 * 1024 * 1024);
  }

  /**
   * The object that a name means: an id, `refs/heads/main`, `main^{commit}`. Undefined when there
   * is none, or more than one.
   * @throws CatFileEnded when git can not be run here, or the repository is broken
   */
  async read(name: string): Promise<GitObject | undefined> {
    if (!isName(name)) return undefined;
    const known = this.#remembered.get(name);
    if (known) return known;
    const found = await this.#askTwice(name);
    if (found?.id === name) this.#remembered.add(found);
    return found;
  }

  /** Lets the process end and forgets everything; the next question begins anew. */
  async end(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    this.#remembered.clear();
    clearTimeout(this.#timer);
    await running?.end();
  }

  /** A process may have died long ago, or in the middle; a second one that dies means more. */
  async #askTwice(name: string): Promise<GitObject | undefined> {
    try {
      return await this.#ask(name);
    } catch (error) {
      if (!(error instanceof CatFileEnded)) throw error;
      return this.#ask(name);
    }
  }

  async #ask(name: string): Promise<GitObject | undefined> {
    if (!this.#process || this.#process.isOver) {
      this.#process = new CatFile(this.options.environment());
      this.#watch(this.#process);
    }
    this.#timer?.refresh();
    try {
      return await this.#process.ask(name);
    } finally {
      this.#timer?.refresh();
    }
  }

  #watch(running: CatFile): void {
    clearTimeout(this.#timer);
    const timer = setTimeout(() => {
      if (this.#process === running) this.#process = undefined;
      if (running.isIdle) void running.end();
      else running.kill();
    }, this.options.patience ?? 30_000);
    this.#timer = timer.unref();
  }
}

/** What fits into one line of a question, and ends where it seems to end. */
function isName(name: string): boolean {
  const isPrintable = (letter: string) => letter >= ' ' && letter !== '\x7f';
  return name.length <= 4096 && [...name].every(isPrintable);
}
