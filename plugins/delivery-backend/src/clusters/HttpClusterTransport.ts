// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import https from 'node:https';
import { abortable } from './abortable';
import type { SignedIn } from './ClusterConnection';
import {
  failed,
  type Answer,
  type ClusterTransport,
  type ClusterWrites,
  type ListPage,
  type WatchSign,
} from './ClusterTransport';
import {
  failureOfAnswer,
  failureOfError,
  unanswered,
} from './transportFailures';
import { listIn, recordIn, textIn } from './fields';
import { readJson, readSigns, readText } from './readAnswer';

/** Time limits of requests, in milliseconds. */
export interface TransportLimits {
  /** From asking until the first byte of the answer. */
  readonly answer: number;
  /** For reading a whole answer that is not a watch. */
  readonly body: number;
  /** A watch without a byte for so long is opened again, because a half-open connection is silent for ever. */
  readonly idle: number;
  /** After this a server is asked to end a watch in order. */
  readonly watch: number;
}

export const defaultTransportLimits: TransportLimits = {
  answer: 5_000,
  body: 10_000,
  idle: 90_000,
  watch: 300_000,
};

/** A `Status` is shorter; bytes. */
const longestStatus = 65_536;

interface Question {
  readonly method: 'GET' | 'PATCH' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * A cluster over HTTP. Signs in at the first request and again when the cluster says 401, once a
 * request. The Kubernetes client reads configuration and credentials; the requests are our own,
 * because its `Watch` drops lines that it can not read and says nothing of bookmarks, and a lost
 * line is a lost update.
 */
export class HttpClusterTransport implements ClusterTransport, ClusterWrites {
  #signedIn: Promise<SignedIn> | undefined;

  constructor(
    private readonly signIn: () => Promise<SignedIn>,
    private readonly limits: TransportLimits = defaultTransportLimits,
  ) {}

  async list(
    path: string,
    page: { readonly limit: number; readonly next?: string },
    signal: AbortSignal,
  ): Promise<Answer<ListPage>> {
    const query = { limit: String(page.limit), continue: page.next };
    const answer = await this.#json({ method: 'GET', path, query }, signal);
    return answer.ok ? pageOf(answer.value) : answer;
  }

  async watch(
    path: string,
    resourceVersion: string,
    signal: AbortSignal,
  ): Promise<Answer<AsyncIterable<WatchSign>>> {
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion,
      timeoutSeconds: String(Math.ceil(this.limits.watch / 1000)),
    };
    const answer = await this.#ask({ method: 'GET', path, query }, signal);
    if (!answer.ok) return answer;
    return {
      ok: true,
      value: readSigns(answer.value, this.limits.idle, signal),
    };
  }

  async probe(signal: AbortSignal): Promise<Answer<undefined>> {
    const path = '/version';
    const answer = await this.#json({ method: 'GET', path }, signal);
    return answer.ok ? { ok: true, value: undefined } : answer;
  }

  get(path: string, signal: AbortSignal): Promise<Answer<unknown>> {
    return this.#json({ method: 'GET', path }, signal);
  }

  async patch(
    path: string,
    body: object,
    { user }: { readonly user?: string },
    signal: AbortSignal,
  ): Promise<Answer<undefined>> {
    const question: Question = {
      method: 'PATCH',
      path,
      query: { fieldManager: 'causeway' },
      headers: {
        'Content-Type': 'application/merge-patch+json',
        ...inTheNameOf(user),
      },
      body: JSON.stringify(body),
    };
    const answer = await this.#json(question, signal);
    return answer.ok ? { ok: true, value: undefined } : answer;
  }

  async create(
    path: string,
    body: object,
    { user }: { readonly user?: string },
    signal: AbortSignal,
  ): Promise<Answer<undefined>> {
    const question: Question = {
      method: 'POST',
      path,
      query: { fieldManager: 'causeway' },
      headers: { 'Content-Type': 'application/json', ...inTheNameOf(user) },
      body: JSON.stringify(body),
    };
    const answer = await this.#json(question, signal);
    return answer.ok ? { ok: true, value: undefined } : answer;
  }

  async remove(
    path: string,
    { user }: { readonly user?: string },
    signal: AbortSignal,
  ): Promise<Answer<undefined>> {
    const question: Question = {
      method: 'DELETE',
      path,
      headers: inTheNameOf(user),
    };
    const answer = await this.#json(question, signal);
    return answer.ok ? { ok: true, value: undefined } : answer;
  }

  async text(
    path: string,
    maximum: number,
    { user }: { readonly user?: string },
    signal: AbortSignal,
  ): Promise<Answer<string>> {
    const question: Question = {
      method: 'GET',
      path,
      headers: { ...inTheNameOf(user), Accept: '*/*' },
    };
    const answer = await this.#ask(question, signal);
    return answer.ok
      ? readText(answer.value, maximum, this.limits.body)
      : answer;
  }

  async status(
    path: string,
    { within, user }: { readonly within: number; readonly user?: string },
    signal: AbortSignal,
  ): Promise<Answer<number>> {
    const question: Question = {
      method: 'GET',
      path,
      headers: { ...inTheNameOf(user), Accept: '*/*' },
    };
    const answer = await this.#attempt(question, signal, within);
    if (!answer.ok) return answer;
    const status = answer.value.statusCode ?? 0;
    if (status >= 200 && status < 300) {
      answer.value.destroy();
      return { ok: true, value: status };
    }
    const body = await readText(answer.value, longestStatus, within);
    const problem = body.ok ? statusOfServer(body.value) : undefined;
    return problem === undefined
      ? { ok: true, value: status }
      : failureOfAnswer(status, problem);
  }

  close(): void {
    this.#forget();
  }

  async #json(
    question: Question,
    signal: AbortSignal,
  ): Promise<Answer<unknown>> {
    const answer = await this.#ask(question, signal);
    return answer.ok ? readJson(answer.value, this.limits.body) : answer;
  }

  /** An answer of the 2xx class with its body unread, or why there is none. */
  async #ask(
    question: Question,
    signal: AbortSignal,
  ): Promise<Answer<http.IncomingMessage>> {
    const first = await this.#attempt(question, signal);
    if (!first.ok || first.value.statusCode !== 401) return this.#accept(first);
    first.value.destroy();
    this.#forget();
    return this.#accept(await this.#attempt(question, signal));
  }

  async #accept(
    answer: Answer<http.IncomingMessage>,
  ): Promise<Answer<http.IncomingMessage>> {
    if (!answer.ok) return answer;
    const status = answer.value.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    const body = await readJson(answer.value, this.limits.body);
    return failureOfAnswer(status, body.ok ? body.value : undefined);
  }

  async #attempt(
    question: Question,
    signal: AbortSignal,
    timeout: number = this.limits.answer,
  ): Promise<Answer<http.IncomingMessage>> {
    if (leadsElsewhere(question.path)) {
      return failed('missing', `There can be nothing at ${question.path}.`);
    }
    this.#signedIn ??= this.signIn();
    let signedIn: SignedIn;
    try {
      const inTime = AbortSignal.timeout(this.limits.body);
      signedIn = await abortable(
        this.#signedIn,
        AbortSignal.any([signal, inTime]),
      );
    } catch (error) {
      this.#signedIn = undefined;
      if (error instanceof DOMException) {
        return failed('failing', 'Signing in to the cluster took too long.');
      }
      return failed(
        'forbidden',
        `Signing in to the cluster did not work: ${messageOf(error)}`,
      );
    }
    return send(signedIn, question, timeout, signal);
  }

  #forget(): void {
    this.#signedIn?.then(
      ({ agent }) => agent.destroy(),
      () => undefined,
    );
    this.#signedIn = undefined;
  }
}

/** Whether a name in a path is one that addresses take for a way up; encoding does not change those. */
function leadsElsewhere(path: string): boolean {
  const [place] = path.split('?');
  return place.split('/').some(name => /^(?:\.|%2e){1,2}$/i.test(name));
}

/** Resolves with the head of the answer; the body is still to be read. */
function send(
  signedIn: SignedIn,
  question: Question,
  timeout: number,
  signal: AbortSignal,
): Promise<Answer<http.IncomingMessage>> {
  const { server, agent, headers } = signedIn;
  const url = new URL(server + question.path);
  for (const [name, value] of Object.entries(question.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const { request } = url.protocol === 'http:' ? http : https;
  return new Promise(resolve => {
    const outgoing = request(url, {
      method: question.method,
      agent,
      signal,
      headers: {
        Accept: 'application/json',
        'Accept-Encoding': 'identity',
        'User-Agent': 'causeway',
        ...headers,
        ...question.headers,
      },
    });
    const timer = setTimeout(() => {
      resolve(unanswered(outgoing.socket, timeout));
      outgoing.destroy();
    }, timeout);
    outgoing.on('error', error => {
      clearTimeout(timer);
      // The server closed an idle connection just when we took it up again. What creates is repeated
      // by whoever asked, who looks first whether it was done.
      const stale =
        outgoing.reusedSocket && !signal.aborted && question.method !== 'POST';
      const again = stale && 'code' in error && error.code === 'ECONNRESET';
      resolve(
        again
          ? send(signedIn, question, timeout, signal)
          : failureOfError(error),
      );
    });
    outgoing.on('response', answer => {
      clearTimeout(timer);
      resolve({ ok: true, value: answer });
    });
    outgoing.end(question.body);
  });
}

/** The `Status` of the API server itself; undefined for what somebody behind it said. */
function statusOfServer(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    const isStatus =
      textIn(body, 'kind') === 'Status' && textIn(body, 'apiVersion') === 'v1';
    return isStatus ? body : undefined;
  } catch {
    return undefined;
  }
}

function inTheNameOf(
  user: string | undefined,
): Readonly<Record<string, string>> {
  return user ? { 'Impersonate-User': user } : {};
}

function pageOf(body: unknown): Answer<ListPage> {
  const metadata = recordIn(body, 'metadata');
  const resourceVersion = textIn(metadata, 'resourceVersion');
  if (resourceVersion === undefined) {
    return failed('malformed', 'The cluster sent something that is no list.');
  }
  const items = listIn(body, 'items');
  const next = textIn(metadata, 'continue') || undefined;
  return { ok: true, value: { items, resourceVersion, next } };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}
