// SPDX-License-Identifier: Apache-2.0

/**
 * Work that many ask for and one look does for all: never two at once, and
 * whoever asks while it runs shares the next run, which begins after they asked.
 */
export class SharedWork<T> {
  #running: Promise<unknown> | undefined;
  #next: Promise<T> | undefined;

  constructor(private readonly work: () => Promise<T>) {}

  /** What a run that begins from now on results in. */
  run(): Promise<T> {
    this.#next ??= this.#after(this.#running);
    return this.#next;
  }

  async #after(running: Promise<unknown> | undefined): Promise<T> {
    await running?.catch(() => undefined);
    const result = this.work();
    this.#running = result;
    this.#next = undefined;
    return result;
  }
}
