// SPDX-License-Identifier: Apache-2.0
import limiter, { type Limit } from 'p-limit';
import { Pause } from '../clusters/pause';
import {
  messageIn,
  readMatrix,
  readScalar,
  readVector,
  type AnswerLimits,
} from './prometheusAnswer';
import {
  failed,
  failureOfError,
  failureOfStatus,
  type PrometheusAnswer,
} from './prometheusFailures';
import type { Series } from './series';

/** Limits of what is asked of a server and taken from it. Times are in milliseconds. */
export interface PrometheusLimits extends AnswerLimits {
  /** From asking until the whole answer is read. */
  readonly answer: number;
  /** Bytes of one answer. */
  readonly body: number;
  /** How often a question is asked again that broke off or that the server was too busy for. */
  readonly retries: number;
  readonly firstPause: number;
  readonly longestPause: number;
  /** Questions to the server at a time; it would queue the others or refuse them. */
  readonly parallel: number;
  /** Samples as they were stored are read in pieces of this length. */
  readonly piece: number;
}

export const defaultPrometheusLimits: PrometheusLimits = {
  answer: 10_000,
  body: 32 * 1024 * 1024,
  series: 5_000,
  points: 11_000,
  retries: 2,
  firstPause: 250,
  longestPause: 2_000,
  parallel: 8,
  piece: 3_600_000,
};

/** Where a Prometheus server is and what it asks of us. */
export interface PrometheusAddress {
  /** Without a slash at the end and without `/api/v1`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Texts that must not be repeated, should the server send them back. */
  readonly secrets: readonly string[];
}

/** One try: what came of it, and whether another one may help. */
interface Attempt {
  readonly answer: PrometheusAnswer<unknown>;
  readonly again: boolean;
  /** Milliseconds that the server asked us to wait. */
  readonly after?: number;
}

/**
 * The query API of a Prometheus server, or of anything that speaks like one.
 *
 * Questions are posted, so that no proxy logs them or finds them too long. An answer is whole or a
 * failure: partial results, oversized bodies and foreign instants are failures. A question is asked
 * again after a connection that failed, a 429 or a 5xx, and after nothing else.
 */
export class PrometheusClient {
  readonly #inTurn: Limit;

  constructor(
    private readonly address: PrometheusAddress,
    private readonly limits: PrometheusLimits = defaultPrometheusLimits,
  ) {
    this.#inTurn = limiter(limits.parallel);
  }

  /** What the server's clock says, in milliseconds since the epoch. */
  async time(signal: AbortSignal): Promise<PrometheusAnswer<number>> {
    const form = { query: 'time()' };
    const seconds = await this.#ask('query', form, readScalar, signal);
    return seconds.ok ? { ok: true, value: seconds.value * 1000 } : seconds;
  }

  /**
   * The samples of a selector just as they were stored, with the instants of their scrapes. Unlike
   * `query_range`, which repeats the last value for minutes, this shows which scrapes are missing.
   */
  async samples(
    selector: string,
    span: { readonly from: number; readonly until: number },
    signal: AbortSignal,
  ): Promise<PrometheusAnswer<readonly Series[]>> {
    const all = new Map<string, Series>();
    for (let from = span.from; from < span.until; from += this.limits.piece) {
      const until = Math.min(span.until, from + this.limits.piece);
      const form = {
        query: `${selector}[${Math.ceil((until - from) / 1000)}s]`,
        time: secondsOf(until),
      };
      // The length is in whole seconds, so a sample just before the piece is no foreign one.
      const asked = { from: from - 1000, until };
      const read = (body: unknown) => readMatrix(body, asked, this.limits);
      const piece = await this.#ask('query', form, read, signal);
      if (!piece.ok) return piece;
      for (const each of piece.value) {
        const key = JSON.stringify(Object.entries(each.labels).sort());
        const samples = all.get(key)?.samples ?? [];
        all.set(key, { ...each, samples: [...samples, ...each.samples] });
      }
    }
    return { ok: true, value: [...all.values()] };
  }

  /** The values of an expression now. */
  async instant(
    query: string,
    signal: AbortSignal,
  ): Promise<PrometheusAnswer<readonly Series[]>> {
    const read = (body: unknown) => readVector(body, this.limits);
    return this.#ask('query', { query }, read, signal);
  }

  /** The values of an expression at `from` and every `step` milliseconds until `until`. */
  async range(
    query: string,
    span: {
      readonly from: number;
      readonly until: number;
      readonly step: number;
    },
    signal: AbortSignal,
  ): Promise<PrometheusAnswer<readonly Series[]>> {
    const form = {
      query,
      start: secondsOf(span.from),
      end: secondsOf(span.until),
      step: secondsOf(span.step),
    };
    const read = (body: unknown) => readMatrix(body, span, this.limits);
    return this.#ask('query_range', form, read, signal);
  }

  async #ask<T>(
    path: string,
    form: Readonly<Record<string, string>>,
    read: (body: unknown) => PrometheusAnswer<T>,
    signal: AbortSignal,
  ): Promise<PrometheusAnswer<T>> {
    const { retries, firstPause, longestPause } = this.limits;
    const pause = new Pause({ first: firstPause, longest: longestPause });
    for (let tries = 1; ; tries++) {
      const {
        answer,
        again,
        after = 0,
      } = await this.#inTurn(() => this.#try(path, form, signal));
      if (!again || tries > retries || signal.aborted)
        return this.#withoutSecrets(answer.ok ? read(answer.value) : answer);
      await pause.wait(signal, Math.min(after, longestPause));
    }
  }

  async #try(
    path: string,
    form: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Attempt> {
    const { answer: timeout } = this.limits;
    const inTime = AbortSignal.timeout(timeout);
    try {
      const response = await fetch(`${this.address.url}/api/v1/${path}`, {
        method: 'POST',
        body: new URLSearchParams({ ...form, timeout: `${timeout}ms` }),
        headers: {
          Accept: 'application/json',
          'Accept-Encoding': 'identity',
          'User-Agent': 'causeway',
          ...this.address.headers,
        },
        // Followed, a redirection would carry the credential elsewhere.
        redirect: 'manual',
        signal: AbortSignal.any([signal, inTime]),
      });
      return await this.#sort(response);
    } catch (error) {
      if (signal.aborted)
        return final(failed('failing', 'was not waited for any longer'));
      if (inTime.aborted)
        return final(
          failed('failing', `did not answer within ${timeout / 1000} s`),
        );
      return { answer: failureOfError(error), again: true };
    }
  }

  async #sort(response: Response): Promise<Attempt> {
    const { status } = response;
    const text = await readText(response, this.limits.body);
    if (text === undefined) {
      const megabytes = Math.round(this.limits.body / 1024 / 1024);
      return final(
        failed(
          'tooLarge',
          `sent more than ${megabytes} MB for one query; make the query narrower`,
        ),
      );
    }
    const body = parse(text);
    if (status < 200 || status >= 300) {
      const failure = failureOfStatus(status, messageIn(body));
      const wait = Number(response.headers.get('retry-after') ?? 0) * 1000;
      return {
        answer: failure,
        again: failure.failure.kind === 'failing',
        ...(wait > 0 && { after: wait }),
      };
    }
    return final(
      body === undefined
        ? failed('malformed', 'sent something that is not JSON')
        : { ok: true, value: body },
    );
  }

  /** What a server says may be meant to have its credential shown. */
  #withoutSecrets<T>(answer: PrometheusAnswer<T>): PrometheusAnswer<T> {
    if (answer.ok) return answer;
    const { kind, problem } = answer.failure;
    const secrets = this.address.secrets.filter(secret => secret !== '');
    return failed(
      kind,
      secrets.reduce((text, secret) => text.replaceAll(secret, '…'), problem),
    );
  }
}

function final(answer: PrometheusAnswer<unknown>): Attempt {
  return { answer, again: false };
}

/** Undefined as soon as there is more than `limit`. */
async function readText(
  response: Response,
  limit: number,
): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    // Leaving the loop ends the connection.
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function secondsOf(milliseconds: number): string {
  return String(milliseconds / 1000);
}
