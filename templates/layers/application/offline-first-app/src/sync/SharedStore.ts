import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SyncAnswer, SyncRequest } from './messages.ts';
import {
  applyMutation,
  changedSince,
  nothingShared,
  type Mutation,
  type Shared,
} from './records.ts';

interface JournalLine {
  readonly client: string;
  readonly mutation: Mutation;
}

/**
 * What all clients share: a journal of their changes on disk, and what follows from it in memory.
 * A change is on the disk before its client hears that it is applied.
 */
export class SharedStore {
  #shared: Shared;
  #work: Promise<unknown> = Promise.resolve();
  private readonly file: string;

  private constructor(file: string, shared: Shared) {
    this.file = file;
    this.#shared = shared;
  }

  /** Opens the store of a folder. Half a line at the end, from a power cut, is taken away. */
  static async open(directory: string): Promise<SharedStore> {
    await mkdir(directory, { recursive: true });
    const file = join(directory, 'journal.ndjson');
    const text = await readFile(file, 'utf8').catch(() => '');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole !== text) await writeFile(file, whole, { flush: true });
    const lines = whole.split('\n').filter(line => line !== '');
    const shared = lines.reduce((state, line) => {
      const { client, mutation } = JSON.parse(line) as JournalLine;
      return applyMutation(state, mutation, client);
    }, nothingShared);
    return new SharedStore(file, shared);
  }

  get records(): number {
    return this.#shared.records.size;
  }

  get conflicts(): number {
    return [...this.#shared.records.values()].filter(
      ({ conflicts }) => conflicts.length > 0,
    ).length;
  }

  /** Takes a client's changes, and gives it those of the others. */
  sync({ client, since, mutations }: SyncRequest): Promise<SyncAnswer> {
    const turn = this.#work.then(async () => {
      const fresh = mutations.filter(({ id }) => !this.#shared.applied.has(id));
      if (fresh.length > 0) {
        const lines = fresh.map(
          mutation => `${JSON.stringify({ client, mutation })}\n`,
        );
        await appendFile(this.file, lines.join(''), { flush: true });
      }
      this.#shared = fresh.reduce(
        (state, mutation) => applyMutation(state, mutation, client),
        this.#shared,
      );
      return {
        revision: this.#shared.revision,
        applied: mutations.map(({ id }) => id),
        records: changedSince(this.#shared, since),
      };
    });
    this.#work = turn.catch(() => undefined);
    return turn;
  }
}
