// SPDX-License-Identifier: Apache-2.0
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';

/** A client of one API server that keeps its connections, as real clients do. */
export class Connection {
  readonly #agent: Agent;

  constructor(
    private readonly url: string,
    private readonly token: string,
    ca: string,
    maxSockets: number,
  ) {
    this.#agent = new Agent({ ca, keepAlive: true, maxSockets });
  }

  /** Sends a request and reads the whole answer; fails unless it is a success. */
  async ask(method: string, path: string, body?: object): Promise<string> {
    const response = await this.open(method, path, body);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { statusCode = 0 } = response;
    if (statusCode < 300) return text;
    throw new Error(`${method} ${path}: ${statusCode} ${text.slice(0, 500)}`);
  }

  open(method: string, path: string, body?: object): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const payload = body && Buffer.from(JSON.stringify(body));
      const outgoing = request(
        new URL(path, this.url),
        {
          method,
          agent: this.#agent,
          headers: {
            authorization: `Bearer ${this.token}`,
            ...(payload && {
              'content-type':
                method === 'PATCH'
                  ? 'application/merge-patch+json'
                  : 'application/json',
              'content-length': payload.length,
            }),
          },
        },
        resolve,
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
