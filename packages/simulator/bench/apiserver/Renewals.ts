// SPDX-License-Identifier: Apache-2.0
import { Connection } from './Connection';
import { LEASES } from './deviceObjects';

/** Connections of the renewing client to one cluster. */
const CONNECTIONS = 2;

/** A cluster and the names of its devices. */
export interface RenewedCluster {
  readonly url: string;
  readonly devices: readonly string[];
}

/** Renews the leases of devices over HTTPS as fast as the servers answer, without a timer. */
export class Renewals {
  answered = 0;
  /** Resolves when every connection has carried its first renewal. */
  readonly begun: Promise<unknown>;
  #isRunning = true;
  readonly #connections: Connection[] = [];

  constructor(
    clusters: readonly RenewedCluster[],
    { token, ca }: { readonly token: string; readonly ca: string },
  ) {
    const firsts: Promise<void>[] = [];
    for (const { url, devices } of clusters) {
      const connection = new Connection(url, token, ca, CONNECTIONS);
      this.#connections.push(connection);
      let turn = 0;
      const next = () => {
        turn += 1;
        return devices[turn % devices.length];
      };
      for (let index = 0; index < CONNECTIONS; index += 1) {
        const first = this.#renewOne(connection, next());
        firsts.push(first);
        void this.#renewAll(first, connection, next);
      }
    }
    this.begun = Promise.all(firsts);
  }

  stop(): void {
    this.#isRunning = false;
    for (const connection of this.#connections) connection.close();
  }

  async #renewAll(
    first: Promise<void>,
    connection: Connection,
    next: () => string,
  ): Promise<void> {
    try {
      await first;
      while (this.#isRunning) await this.#renewOne(connection, next());
    } catch (error) {
      // Connections are closed when it stops; everything else must be seen.
      if (this.#isRunning) throw error;
    }
  }

  async #renewOne(connection: Connection, device: string): Promise<void> {
    await connection.ask('PATCH', `${LEASES}/${device}`, {
      spec: { renewTime: `${new Date().toISOString().slice(0, -1)}000Z` },
    });
    this.answered += 1;
  }
}
