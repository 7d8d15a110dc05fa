// SPDX-License-Identifier: Apache-2.0
import { createServer, type AddressInfo } from 'node:net';

/** A port of the loopback address that nobody listens on now. */
export function freePort(port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const { port: taken } = server.address() as AddressInfo;
      server.close(() => resolve(taken));
    });
  });
}

/** The first of `count` consecutive free ports. */
export async function freePortRange(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = await freePort();
    try {
      for (let offset = 1; offset < count; offset++) {
        await freePort(first + offset);
      }
      return first;
    } catch {
      // One of them is taken: try another place.
    }
  }
  throw new Error(`No ${count} consecutive free ports were found`);
}
