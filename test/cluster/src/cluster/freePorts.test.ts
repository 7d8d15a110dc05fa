// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePorts } from './freePorts';

it('finds different ports that can be listened on, which no outgoing connection gets', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `server ${index}`);

  const ports = Object.values(await freePorts(names));

  expect(new Set(ports).size).toBe(names.length);
  const taken: number[] = [];
  for (const port of ports) {
    expect(port).toBeGreaterThanOrEqual(10_000);
    expect(port).toBeLessThan(30_000);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening').catch(() => taken.push(port));
    server.close();
  }
  // Suites that run beside this one look for ports, too.
  expect(taken.length).toBeLessThanOrEqual(1);
});
