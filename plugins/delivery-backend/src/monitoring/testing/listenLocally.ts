// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server of a test, on a port of its own. */
export interface LocalServer {
  readonly url: string;
  /** Ends its connections, too. */
  close(): Promise<void>;
}

/** Starts a server that hands each request to `receive`; a request whose handling fails is cut off. */
export async function listenLocally(
  receive: (
    request: http.IncomingMessage,
    answer: http.ServerResponse,
  ) => Promise<void>,
): Promise<LocalServer> {
  const server = http.createServer((request, answer) => {
    receive(request, answer).catch(() => answer.destroy());
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
