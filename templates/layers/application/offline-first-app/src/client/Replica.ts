import type { SyncAnswer, SyncRequest } from '../sync/messages.ts';
import {
  applyMutation,
  nothingShared,
  type Fields,
  type Mutation,
  type Shared,
  type SharedRecord,
} from '../sync/records.ts';

/** What a client keeps over restarts. */
export interface Kept {
  readonly client: string;
  readonly revision: number;
  readonly records: readonly SharedRecord[];
  /** Changes that the server does not have yet, oldest first. */
  readonly waiting: readonly Mutation[];
}

/** Where a client keeps it. */
export interface Storage {
  read(): Promise<Kept | undefined>;
  write(kept: Kept): Promise<void>;
}

/** Sends a request to the server. Rejects when there is no network. */
export type Transport = (request: SyncRequest) => Promise<SyncAnswer>;

/** A client's copy of what is shared: works without network, and becomes the same as the others' with it. */
export class Replica {
  #kept: Kept;
  #syncing: Promise<boolean> | undefined;
  private readonly storage: Storage;
  private readonly newId: () => string;

  private constructor(kept: Kept, storage: Storage, newId: () => string) {
    this.#kept = kept;
    this.storage = storage;
    this.newId = newId;
  }

  static async open(storage: Storage, newId: () => string): Promise<Replica> {
    const kept = await storage.read();
    return new Replica(
      kept ?? { client: newId(), revision: 0, records: [], waiting: [] },
      storage,
      newId,
    );
  }

  /** How many changes the server does not have yet. */
  get waiting(): number {
    return this.#kept.waiting.length;
  }

  /** The records as their owner sees them: the server's, with the changes that wait on top. */
  view(): readonly SharedRecord[] {
    const { client, revision, records, waiting } = this.#kept;
    const confirmed: Shared = {
      ...nothingShared,
      revision,
      records: new Map(records.map(record => [record.id, record])),
    };
    // One's own changes are shown as one made them; what others think of them comes with the next sync.
    const shown = waiting.reduce(
      (state, mutation) =>
        applyMutation(state, { ...mutation, base: state.revision }, client),
      confirmed,
    );
    return [...shown.records.values()];
  }

  /** Adds a record. */
  add(text: string): Promise<void> {
    return this.#change({ record: this.newId(), changes: { text } });
  }

  /** Changes fields of a record. */
  edit(record: string, changes: Partial<Fields>): Promise<void> {
    return this.#change({ record, changes });
  }

  /** Decides what a field is, after somebody saw its conflict. */
  settle(record: string, changes: Partial<Fields>): Promise<void> {
    return this.#change({ record, changes, settles: true });
  }

  /** Sends what waits and takes in what others did. False: there is no network. */
  sync(transport: Transport): Promise<boolean> {
    this.#syncing ??= this.#exchange(transport).finally(() => {
      this.#syncing = undefined;
    });
    return this.#syncing;
  }

  async #exchange(transport: Transport): Promise<boolean> {
    const { client, revision: since, waiting } = this.#kept;
    let answer: SyncAnswer;
    try {
      answer = await transport({
        client,
        since,
        mutations: waiting.slice(0, 500),
      });
    } catch {
      return false;
    }
    const applied = new Set(answer.applied);
    const changed = new Map(answer.records.map(record => [record.id, record]));
    await this.#keep({
      ...this.#kept,
      revision: answer.revision,
      records: [
        ...this.#kept.records.filter(({ id }) => !changed.has(id)),
        ...changed.values(),
      ],
      // What was changed while the request was under way still waits.
      waiting: this.#kept.waiting.filter(({ id }) => !applied.has(id)),
    });
    return true;
  }

  #change(
    change: Pick<Mutation, 'record' | 'changes' | 'settles'>,
  ): Promise<void> {
    const mutation = { id: this.newId(), base: this.#kept.revision, ...change };
    return this.#keep({
      ...this.#kept,
      waiting: [...this.#kept.waiting, mutation],
    });
  }

  async #keep(kept: Kept): Promise<void> {
    this.#kept = kept;
    await this.storage.write(kept);
  }
}
