// SPDX-License-Identifier: Apache-2.0
import { createServer, type AddressInfo } from 'node:net';

/** Listens on a port of the loopback address for a moment; rejects when somebody does already. */
function takeOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const { port: taken } = server.address() as AddressInfo;
      server.close(() => resolve(taken));
    });
  });
}

// Below the ports that systems give to outgoing connections, which come and go at any moment.
const LOWEST = 20_000;
const HIGHEST = 30_000;

/** The first of `count` consecutive free ports. */
export async function freePortRange(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    try {
      for (let offset = 0; offset < count; offset++) {
        await takeOnce(first + offset);
      }
      return first;
    } catch {
      // One of them is taken: try another place.
    }
  }
  throw new Error(`No ${count} consecutive free ports were found`);
}
