// SPDX-License-Identifier: Apache-2.0
import type http from 'node:http';
import { text } from 'node:stream/consumers';
import { listenLocally, type LocalServer } from './listenLocally';

/** A value of an answer, with its labels. */
export interface AnsweredSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [seconds: number, value: string])[];
}

/** What becomes of an answer on its way. */
export interface Meddling {
  /** `cut` ends the connection, `hang` never answers, a number is a status without an answer. */
  readonly failure?: 'cut' | 'hang' | number;
  readonly series?: (series: readonly AnsweredSeries[]) => readonly unknown[];
  /** Seconds by which the server's clock is ahead. */
  readonly ahead?: number;
}

interface Answer {
  readonly data?: { readonly resultType?: string; readonly result?: unknown };
}

/** Stands between the portal and a Prometheus, and can make it fail or lie. */
export class PrometheusProxy {
  meddling: Meddling = {};
  #server: LocalServer | undefined;

  private constructor(private readonly behind: string) {}

  static async start(behind: string): Promise<PrometheusProxy> {
    const proxy = new PrometheusProxy(behind);
    proxy.#server = await listenLocally((request, answer) =>
      proxy.#pass(request, answer),
    );
    return proxy;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  async #pass(
    request: http.IncomingMessage,
    answer: http.ServerResponse,
  ): Promise<void> {
    const { failure, series, ahead } = this.meddling;
    const form = await text(request);
    if (failure === 'hang') return;
    if (failure === 'cut') {
      answer.destroy();
      return;
    }
    if (failure !== undefined) {
      answer.writeHead(failure).end();
      return;
    }
    const response = await fetch(`${this.behind}${request.url}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form,
    });
    const body = (await response.json()) as Answer;
    const { resultType, result } = body.data ?? {};
    if (resultType === 'matrix' && series) {
      const changed = series(result as readonly AnsweredSeries[]);
      send(answer, response.status, {
        ...body,
        data: { resultType, result: changed },
      });
    } else if (resultType === 'scalar' && ahead) {
      const [at, value] = result as [number, string];
      const later = [at + ahead, String(Number(value) + ahead)];
      send(answer, response.status, {
        ...body,
        data: { resultType, result: later },
      });
    } else send(answer, response.status, body);
  }
}

function send(answer: http.ServerResponse, status: number, body: object): void {
  answer.writeHead(status, { 'content-type': 'application/json' });
  answer.end(JSON.stringify(body));
}
