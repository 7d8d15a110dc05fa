// SPDX-License-Identifier: Apache-2.0

/** Files by path, as text. */
export type Files = ReadonlyMap<string, string>;

/**
 * What sources have stored, by address, for the controllers that apply it. The
 * real Flux serves archives over HTTP between two programs; here both run in one
 * process and share the files.
 */
export class ArtifactStore {
  readonly #artifacts = new Map<string, () => Promise<Files>>();

  /** Keeps an artifact; `read` is called when somebody wants its files. */
  store(url: string, read: () => Promise<Files>): void {
    let files: Promise<Files> | undefined;
    this.#artifacts.set(url, () => {
      files ??= read();
      return files;
    });
  }

  /** Whether an artifact is kept. */
  has(url: string): boolean {
    return this.#artifacts.has(url);
  }

  /** The files of an artifact; undefined when it is not kept. */
  async files(url: string): Promise<Files | undefined> {
    return this.#artifacts.get(url)?.();
  }

  /** Forgets an artifact. */
  remove(url: string): void {
    this.#artifacts.delete(url);
  }
}
