// SPDX-License-Identifier: Apache-2.0
import type { ServerResponse } from 'node:http';
import type { ApiError } from '../status';

const BATCH = 256 * 1024;

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  code: number,
  body: object | string,
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const bytes = Buffer.from(text);
  response.writeHead(code, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'cache-control': 'no-cache, private',
  });
  response.end(bytes);
}

/** Answers with JSON that comes in pieces; waits for slow readers. */
export async function sendPieces(
  response: ServerResponse,
  pieces: Iterable<string>,
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
  });
  let batch = '';
  for (const piece of pieces) {
    batch += piece;
    if (batch.length < BATCH) continue;
    if (!response.write(batch)) await drained(response);
    if (response.destroyed) return;
    batch = '';
  }
  response.end(batch);
}

/** Answers with JSON that breaks off, though all of the answer has come. */
export function sendMalformed(response: ServerResponse): void {
  sendJson(response, 200, '{"kind":"List","apiVersion":"v1","it');
}

/** Answers with plain text. */
export function sendText(
  response: ServerResponse,
  code: number,
  text: string,
): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}

/** Answers with the `Status` of a failure. */
export function sendError(response: ServerResponse, error: ApiError): void {
  const { status } = error;
  const seconds = status.details?.retryAfterSeconds;
  if (seconds !== undefined) response.setHeader('retry-after', seconds);
  if (status.code === 401) response.setHeader('www-authenticate', 'Bearer');
  sendJson(response, status.code, status);
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
