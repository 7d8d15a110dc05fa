// SPDX-License-Identifier: Apache-2.0
import type {
  LoggerService,
  UrlReaderService,
} from '@backstage/backend-plugin-api';
import {
  parseInventory,
  type InventoryParsing,
} from '@causeway/plugin-delivery-common';
import { rest } from '../clusters/pause';

/** How the inventory file is, for people. */
export type InventoryState = 'read' | 'missing' | 'invalid' | 'unreachable';

/** Milliseconds between two reads of the file. */
const readInterval = 60_000;

/**
 * The inventory file, read again and again. One that can not be read, or has become no YAML at all,
 * does not take away what was read before; entries that are wrong are left out and named with their
 * line. A fleet needs none.
 */
export class FleetInventory {
  #state: InventoryState = 'missing';
  #problems: InventoryParsing['problems'] = [];
  #etag: string | undefined;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(
    private readonly parts: {
      /** Address of the file, as the portal's integrations read it. */
      readonly url: string;
      readonly reader: Pick<UrlReaderService, 'readUrl'>;
      readonly logger: LoggerService;
      readonly use: (inventory: InventoryParsing['inventory']) => void;
    },
  ) {}

  get state(): InventoryState {
    return this.#state;
  }

  get problems(): InventoryParsing['problems'] {
    return this.#problems;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Reads the file once. */
  async read(): Promise<void> {
    const { url, reader, logger } = this.parts;
    try {
      const answer = await reader.readUrl(url, { etag: this.#etag });
      const text = (await answer.buffer()).toString('utf8');
      this.#etag = answer.etag;
      this.#take(parseInventory(text));
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      if (name === 'NotModifiedError') return;
      const state = name === 'NotFoundError' ? 'missing' : 'unreachable';
      if (state === 'unreachable' && this.#state !== state) {
        logger.warn(`The inventory of the fleet can not be read: ${error}`);
      }
      this.#state = state;
    }
  }

  #take({ inventory, problems }: InventoryParsing): void {
    this.#problems = problems;
    this.#state = problems.length > 0 ? 'invalid' : 'read';
    const isEmpty = inventory.sites.size + inventory.devices.size === 0;
    if (problems.length > 0 && isEmpty) return;
    this.parts.use(inventory);
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.read();
      await rest(readInterval, this.#stop.signal);
    }
  }
}
