// SPDX-License-Identifier: Apache-2.0
import { Duplex } from 'node:stream';

/** The two ends of a connection. */
export interface LocalConnection {
  readonly client: Duplex;
  readonly server: Duplex;
}

type Done = (error?: Error) => void;

/**
 * What one end writes, the other reads in the next turn of the event loop: in
 * the same one, programs that talk to each other would let nobody else talk.
 */
class End extends Duplex {
  #other: End | undefined;
  /** Lets the other end go on writing. */
  #wanted: Done | undefined;

  /** Both ends close when one is destroyed, as of a socket. */
  join(other: End): void {
    this.#other = other;
    this.once('close', () => other.destroy());
  }

  override _read(): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    wanted?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    setImmediate(() => this.#other?.receive(chunk, done));
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: Done,
  ): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done);
  }

  override _final(done: Done): void {
    setImmediate(() => {
      this.#other?.push(null);
      done();
    });
  }

  receive(chunk: Buffer, done: Done): void {
    if (this.destroyed || this.push(chunk)) done();
    else this.#wanted = done;
  }
}

/** A connection within the process: with neither port nor encryption. */
export function localConnection(): LocalConnection {
  const client = new End();
  const server = new End();
  client.join(server);
  server.join(client);
  // Whoever was cut off sees that the stream has closed; nobody has to handle why.
  server.on('error', () => undefined);
  return { client: likeSocket(client), server };
}

/** A connection to a port where nobody listens. */
export function refusedConnection(): Duplex {
  const refused = likeSocket(new End());
  const error = new Error('connect ECONNREFUSED');
  setImmediate(() =>
    refused.destroy(Object.assign(error, { code: 'ECONNREFUSED' })),
  );
  return refused;
}

/** Agents of `node:http` ask these of the sockets that they keep; here there is nothing to do for them. */
function likeSocket(stream: Duplex): Duplex {
  const same = () => stream;
  return Object.assign(stream, {
    ref: same,
    unref: same,
    setKeepAlive: same,
    setNoDelay: same,
    setTimeout: same,
  });
}
