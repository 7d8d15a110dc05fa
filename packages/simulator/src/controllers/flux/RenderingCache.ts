// SPDX-License-Identifier: Apache-2.0
import {
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';

const keptFiles = 500;

/**
 * Renderings on disk, so that a restart need not build again what has not
 * changed. A file is written whole or not at all; a folder that cannot be used
 * only makes the start slower.
 */
export class RenderingCache {
  #writes = 0;

  /** @param directory - one folder per version of kustomize: another one may render otherwise */
  constructor(private readonly directory: string) {}

  /** The rendering kept under a key; undefined when there is none. */
  async read(key: string): Promise<string | undefined> {
    try {
      return await readFile(this.#file(key), 'utf8');
    } catch {
      return undefined;
    }
  }

  /** Keeps a rendering. */
  async write(key: string, rendering: string): Promise<void> {
    this.#writes += 1;
    const draft = `${this.#file(key)}.${process.pid}.${this.#writes}`;
    await mkdir(this.directory, { recursive: true });
    await writeFile(draft, rendering);
    await rename(draft, this.#file(key));
  }

  /** Removes the oldest renderings beyond what is worth keeping. */
  async tidy(): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const names = await readdir(this.directory);
    if (names.length <= keptFiles) return;
    const files = await Promise.all(
      names.map(async name => ({
        name,
        written: (await stat(join(this.directory, name))).mtimeMs,
      })),
    );
    const old = files.sort((a, b) => b.written - a.written).slice(keptFiles);
    await Promise.all(
      old.map(({ name }) => rm(join(this.directory, name), { force: true })),
    );
  }

  #file(key: string): string {
    return join(this.directory, `${key}.yaml`);
  }
}
