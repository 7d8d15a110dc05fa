// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:net';
import { Failure } from './failure.mjs';

function listenOnce(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const taken = server.address().port;
      server.close(() => resolve(taken));
    });
  });
}

/** A port nobody listens on now. */
export function freePort() {
  return listenOnce(0);
}

/** Fails with a sentence when somebody listens on the port. */
export async function requireFree(port, purpose, variable) {
  try {
    await listenOnce(port);
  } catch (error) {
    if (error.code === 'EADDRINUSE') {
      throw new Failure(
        `Port ${port}, meant for ${purpose}, is in use. Stop the program that listens there, or choose another: ${variable}=${
          port + 1000
        } npm start`,
      );
    }
    throw error;
  }
}
