// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type http from 'node:http';
import { listenLocally, type LocalServer } from './listenLocally';

/** A question as it came in. */
export interface Asked {
  readonly path: string;
  readonly form: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
}

/** What to do with a question: answer it, or misbehave in a way that has no words. */
export type Reply =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: object | string;
    }
  | 'hang'
  | 'cut'
  | { readonly flood: number };

/** A server whose every answer a test dictates. It knows nothing of Prometheus. */
export class ScriptedPrometheus {
  readonly asked: Asked[] = [];
  /** Bytes of floods that went out. */
  flooded = 0;
  #server: LocalServer | undefined;

  private constructor(private readonly reply: (asked: Asked) => Reply) {}

  static async start(
    reply: (asked: Asked) => Reply,
  ): Promise<ScriptedPrometheus> {
    const scripted = new ScriptedPrometheus(reply);
    scripted.#server = await listenLocally((request, answer) =>
      scripted.#receive(request, answer),
    );
    return scripted;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  async #receive(
    request: http.IncomingMessage,
    answer: http.ServerResponse,
  ): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { url = '', headers } = request;
    const asked = { path: url, form: new URLSearchParams(body), headers };
    this.asked.push(asked);
    const reply = this.reply(asked);
    if (reply === 'hang') return;
    if (reply === 'cut') {
      answer.writeHead(200, { 'Content-Length': '1000' });
      answer.write('{"status":', () => answer.destroy());
    } else if ('flood' in reply) {
      await this.#flood(answer, reply.flood);
    } else {
      const { status = 200, body: text } = reply;
      answer.writeHead(status, {
        'Content-Type': 'application/json',
        ...reply.headers,
      });
      answer.end(typeof text === 'string' ? text : JSON.stringify(text));
    }
  }

  async #flood(answer: http.ServerResponse, bytes: number): Promise<void> {
    const chunk = Buffer.alloc(64 * 1024, ' ');
    answer.writeHead(200, { 'Content-Type': 'application/json' });
    const closed = once(answer, 'close');
    while (this.flooded < bytes && !answer.destroyed) {
      this.flooded += chunk.length;
      if (!answer.write(chunk))
        await Promise.race([once(answer, 'drain'), closed]);
    }
    answer.end();
  }
}
