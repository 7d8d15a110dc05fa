// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceJson } from '../forge/ForgeRepository';
import { Run } from './Run';

/** The runs of CI, in memory and as one file each on disk. */
export class RunStore {
  readonly #runs = new Map<string, Run>();

  private constructor(private readonly directory: string) {}

  /** Reads the runs of earlier times. */
  static async open(directory: string): Promise<RunStore> {
    await mkdir(directory, { recursive: true });
    const store = new RunStore(directory);
    for (const name of (await readdir(directory)).filter(file =>
      file.endsWith('.json'),
    )) {
      const run: Run = JSON.parse(
        await readFile(join(directory, name), 'utf8'),
      );
      store.#runs.set(run.id, run);
    }
    return store;
  }

  /** All runs, newest first. */
  list(): readonly Run[] {
    return [...this.#runs.values()].sort(
      (a, b) => b.startedAt.localeCompare(a.startedAt) || b.number - a.number,
    );
  }

  /** One run. */
  get(id: string): Run | undefined {
    return this.#runs.get(id);
  }

  /** The runs of a repository, newest first. */
  of(repository: string): readonly Run[] {
    return this.list().filter(run => run.repository === repository);
  }

  /** The number of the next run of a repository. */
  nextNumber(repository: string): number {
    return Math.max(0, ...this.of(repository).map(({ number }) => number)) + 1;
  }

  /** Adds or replaces a run. */
  async store(run: Run): Promise<void> {
    this.#runs.set(run.id, run);
    await replaceJson(join(this.directory, `${run.id}.json`), run);
  }
}
