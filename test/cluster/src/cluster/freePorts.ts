// SPDX-License-Identifier: Apache-2.0
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { AddressInfo, createServer, Server } from 'node:net';

/**
 * Below those that systems give to outgoing connections (from 32768 on Linux,
 * from 49152 elsewhere): of these, connections of a busy machine would take
 * one in the moment between finding it free and its server's start.
 */
const LOWEST = 10_000;
const BEHIND_HIGHEST = 30_000;

/**
 * Finds TCP ports on 127.0.0.1 that nobody listens on.
 *
 * All are held open until the last is found, so they differ. Another process
 * can still take one before its server binds it; callers must be ready for that.
 */
export async function freePorts<Name extends string>(
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const servers = await Promise.all(names.map(listen));
  const entries = servers.map(
    (server, index) => [names[index], portOf(server)] as const,
  );
  await Promise.all(servers.map(close));
  return Object.fromEntries(entries) as Record<Name, number>;
}

async function listen(): Promise<Server> {
  for (;;) {
    const port = randomInt(LOWEST, BEHIND_HIGHEST);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      return server;
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
}

function isTaken(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  );
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
