// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { AddressInfo, createServer, Server } from 'node:net';

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
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
