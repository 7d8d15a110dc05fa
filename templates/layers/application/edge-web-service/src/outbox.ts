import { appendFile, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** Something that happened here and that the upstream shall know. */
export interface StoredEvent {
  readonly id: string;
  readonly receivedAt: string;
  readonly body: unknown;
}

/** Answer of {@link Outbox.add}: `full` means that nothing was kept. */
export type Added = 'kept' | 'known' | 'full';

/**
 * Events on disk until the upstream has them, oldest first.
 *
 * An event is on the disk when `add` resolves. It leaves when `confirm` is told so, so a process
 * that dies between the two sends it again: the upstream tells events apart by their id.
 */
export class Outbox {
  #events: StoredEvent[];
  #work: Promise<unknown> = Promise.resolve();

  private readonly file: string;
  private readonly limit: number;

  private constructor(file: string, limit: number, events: StoredEvent[]) {
    this.file = file;
    this.limit = limit;
    this.#events = events;
  }

  /** Opens the outbox of a folder, and takes up what an earlier process left there. */
  static async open(directory: string, limit: number): Promise<Outbox> {
    await mkdir(directory, { recursive: true });
    const file = join(directory, 'outbox.ndjson');
    const text = await readFile(file, 'utf8').catch(() => '');
    const outbox = new Outbox(file, limit, text.split('\n').flatMap(parsed));
    // The last line may be half of one; what is appended later must not continue it.
    await outbox.#rewrite();
    return outbox;
  }

  /** How many events wait. */
  get size(): number {
    return this.#events.length;
  }

  /** The oldest events. */
  next(count: number): readonly StoredEvent[] {
    return this.#events.slice(0, count);
  }

  /** Keeps an event. One with a known id is kept once. */
  add(event: StoredEvent): Promise<Added> {
    return this.#inTurn(async () => {
      if (this.#events.some(({ id }) => id === event.id)) return 'known';
      if (this.#events.length >= this.limit) return 'full';
      await appendFile(this.file, `${JSON.stringify(event)}\n`, {
        flush: true,
      });
      this.#events.push(event);
      return 'kept';
    });
  }

  /** Forgets events that the upstream has. */
  confirm(ids: ReadonlySet<string>): Promise<void> {
    return this.#inTurn(async () => {
      this.#events = this.#events.filter(({ id }) => !ids.has(id));
      await this.#rewrite();
    });
  }

  async #rewrite(): Promise<void> {
    const next = `${this.file}.next`;
    const handle = await open(next, 'w');
    try {
      await handle.writeFile(
        this.#events.map(event => `${JSON.stringify(event)}\n`).join(''),
      );
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, this.file);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#work.then(work);
    this.#work = turn.catch(() => undefined);
    return turn;
  }
}

function parsed(line: string): StoredEvent[] {
  try {
    const event = JSON.parse(line) as Partial<StoredEvent>;
    return event.id && event.receivedAt
      ? [{ id: event.id, receivedAt: event.receivedAt, body: event.body }]
      : [];
  } catch {
    // A power cut can leave half a line; its sender was never told that it was kept.
    return [];
  }
}
