// SPDX-License-Identifier: Apache-2.0

/** A value that somebody keeps in force. */
export interface Hold {
  /** Lets go; harmless when done twice. Resolves when what holds now is in force. */
  release(): Promise<void>;
}

/** Where a shared setting is read and written. */
export interface SettingPlace<T> {
  read(): T | Promise<T>;
  write(value: T): unknown;
}

/**
 * A setting of the world that several may hold at the same time. The one who
 * took it last decides. When he lets go, the one before decides again; when
 * nobody holds it, it is as it was found. What somebody has changed past us
 * meanwhile is his, and stays.
 */
export class SharedSetting<T> {
  readonly #holds: { readonly value: T }[] = [];
  #found: T | undefined;
  #written: T | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly place: SettingPlace<T>) {}

  /**
   * Puts a value in force until it is released; `choose` makes it of the value
   * that holds now. Rejects, and holds nothing, when there is none or it cannot be
   * written.
   */
  hold(choose: (present: T) => T): Promise<Hold> {
    return this.#inTurn(async () => {
      const present = await this.place.read();
      const entry = { value: choose(present) };
      if (this.#holds.length === 0) this.#found = present;
      await this.#write(entry.value);
      this.#holds.push(entry);
      return { release: () => this.#inTurn(() => this.#release(entry)) };
    });
  }

  async #release(entry: { readonly value: T }): Promise<void> {
    const index = this.#holds.indexOf(entry);
    if (index < 0) return;
    const decided = index === this.#holds.length - 1;
    this.#holds.splice(index, 1);
    if (!decided) return;
    if ((await this.place.read()) !== this.#written) return;
    const before = this.#holds.at(-1);
    await this.#write(before ? before.value : (this.#found as T));
  }

  async #write(value: T): Promise<void> {
    await this.place.write(value);
    this.#written = value;
  }

  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
