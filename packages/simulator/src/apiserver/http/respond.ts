// SPDX-License-Identifier: Apache-2.0
import type { ServerResponse } from 'node:http';
import type { ApiError } from '../status';

const BATCH = 256 * 1024;

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  code: number,
  body: object | Buffer,
): void {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(JSON.stringify(body));
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
  pieces: Iterable<Buffer>,
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
  });
  let batch: Buffer[] = [];
  let size = 0;
  for (const piece of pieces) {
    batch.push(piece);
    size += piece.length;
    if (size < BATCH) continue;
    if (!response.write(Buffer.concat(batch))) await drained(response);
    if (response.destroyed) return;
    batch = [];
    size = 0;
  }
  response.end(Buffer.concat(batch));
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
