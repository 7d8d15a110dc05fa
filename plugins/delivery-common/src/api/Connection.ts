// SPDX-License-Identifier: Apache-2.0
import createClient, { type Client } from 'openapi-fetch';
import { DeliveryProblem } from './DeliveryProblem';
import type { paths } from './generated/schema';

/** Options of every read. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
}

/** Options of a read that need not be answered again. */
export interface ConditionalOptions extends ReadOptions {
  /** Of an earlier answer to the same question. */
  readonly etag?: string;
}

/** Options of every write. The same key with the same content gives the same answer and is done once. */
export interface WriteOptions {
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** A view, or the word that it is as it was at the given ETag. */
export type ConditionalAnswer<View> =
  | {
      readonly status: 'changed';
      readonly view: View;
      readonly etag?: string;
      /** By the clock of the server, to which the times of the view belong; whole seconds. */
      readonly servedAt?: Date;
    }
  | { readonly status: 'unchanged' };

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** Requests to the backend, typed by its OpenAPI document. */
export interface Connection {
  readonly get: Client<paths>['GET'];
  readonly post: Client<paths>['POST'];
  readonly patch: Client<paths>['PATCH'];
}

/** Nothing is sent before the first request. */
export function connect(
  baseUrl: string,
  send: typeof globalThis.fetch,
): Connection {
  const { GET, POST, PATCH } = createClient<paths>({
    baseUrl,
    fetch: request => sendPlain(send, request),
  });
  return { get: GET, post: POST, patch: PATCH };
}

/** What the backend answers. Rejects with a {@link DeliveryProblem}. */
export async function ask<T>(request: Promise<Answer<T>>): Promise<T> {
  return dataOf(await reach(request));
}

/** The same of a read with an ETag, which may be answered by the word that nothing has changed. */
export async function askIfChanged<T>(
  request: Promise<Answer<T>>,
): Promise<ConditionalAnswer<T>> {
  const result = await reach(request);
  const { status, headers } = result.response;
  if (status === 304) return { status: 'unchanged' };
  const served = Date.parse(headers.get('date') ?? '');
  return {
    status: 'changed',
    view: dataOf(result),
    etag: headers.get('etag') ?? undefined,
    ...(!Number.isNaN(served) && { servedAt: new Date(served) }),
  };
}

/** The header of a write that is done once however often it is sent. */
export function keyed(idempotencyKey: string | undefined) {
  return { 'Idempotency-Key': idempotencyKey };
}

/** For an answer of the other kind where the backend has two, for example a plan for a promotion. */
export function unexpected(): DeliveryProblem {
  return new DeliveryProblem(
    'The portal answered something other than what was asked for.',
    { status: 200, code: 'unexpectedAnswer' },
  );
}

/** A failed connection becomes a problem too; a wanted abort stays an abort. */
async function reach<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    throw new DeliveryProblem('The portal could not be reached.', {
      status: 0,
      code: 'unreachable',
      hint: 'Check your connection; nothing was changed unless the history says so.',
      cause: error,
    });
  }
}

function dataOf<T>({ data, error, response }: Answer<T>): T {
  if (error !== undefined || data === undefined)
    throw DeliveryProblem.fromAnswer(response.status, error);
  return data;
}

/**
 * Sends a request as address and plain text. A `Request` with a body carries a stream, and the
 * fetch of Backstage makes another request of it for the real address of a plugin, which browsers
 * refuse for streams.
 */
async function sendPlain(
  send: typeof globalThis.fetch,
  request: Request,
): Promise<Response> {
  const hasBody = request.method !== 'GET';
  return send(request.url, {
    method: request.method,
    headers: request.headers,
    signal: request.signal,
    ...(hasBody && { body: await request.text() }),
  });
}
