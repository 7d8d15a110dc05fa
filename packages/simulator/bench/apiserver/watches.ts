// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import { Connection } from './Connection';
import { LEASES } from './deviceObjects';
import type { Addresses } from './protocol';

const NEWLINE = '\n'.charCodeAt(0);

/** Watches of the leases of clusters, which only count what comes. */
export class CountingWatches {
  events = 0;
  readonly #open: IncomingMessage[] = [];
  readonly #connections: Connection[] = [];

  /** Opens so many watches of each cluster. */
  async open(
    { urls, token, ca }: Addresses,
    perCluster: number,
  ): Promise<void> {
    for (const url of urls) {
      const connection = new Connection(url, token, ca, perCluster + 1);
      this.#connections.push(connection);
      const list = await connection.ask('GET', `${LEASES}?limit=1`);
      const { resourceVersion } = JSON.parse(list).metadata;
      const path = `${LEASES}?watch=true&resourceVersion=${resourceVersion}`;
      for (let index = 0; index < perCluster; index += 1) {
        const response = await connection.open('GET', path);
        response.on('data', (chunk: Buffer) => {
          for (const byte of chunk) if (byte === NEWLINE) this.events += 1;
        });
        // Closing them is an error only to the stream.
        response.on('error', () => undefined);
        this.#open.push(response);
      }
    }
  }

  close(): void {
    for (const response of this.#open.splice(0)) response.destroy();
    for (const connection of this.#connections.splice(0)) connection.close();
  }
}
