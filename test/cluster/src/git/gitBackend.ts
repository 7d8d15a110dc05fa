// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/**
 * Answers one request with Git's own CGI program (`git http-backend`).
 *
 * Bodies are streamed both ways. The program ends its header block with an
 * empty line; a `Status` header, when there is one, becomes the status code.
 */
export function serveGit(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const backend = spawn('git', ['http-backend'], {
    env: environmentOf(folder, request),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  backend.on('error', () => fail(response));
  // Git may answer, and close its end, before it has read the whole body.
  backend.stdin.on('error', () => {});
  request.pipe(backend.stdin);
  response.on('close', () => backend.kill());
  relay(backend.stdout, response).catch(() => fail(response));
}

/** The variables of CGI/1.1 (RFC 3875) that git-http-backend(1) reads. */
function environmentOf(
  folder: string,
  request: IncomingMessage,
): NodeJS.ProcessEnv {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const { headers } = request;
  const gitProtocol = headers['git-protocol'];
  return {
    PATH: process.env.PATH,
    GIT_PROJECT_ROOT: folder,
    GIT_HTTP_EXPORT_ALL: '1',
    REQUEST_METHOD: request.method,
    PATH_INFO: decodeURIComponent(pathname),
    QUERY_STRING: search.slice(1),
    CONTENT_TYPE: headers['content-type'] ?? '',
    // Left out for chunked bodies: Git then reads until the end of its input.
    ...(headers['content-length'] && {
      CONTENT_LENGTH: headers['content-length'],
    }),
    HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
    ...(typeof gitProtocol === 'string' && { GIT_PROTOCOL: gitProtocol }),
    REMOTE_ADDR: request.socket.remoteAddress ?? '',
    REMOTE_USER: 'git',
  };
}

async function relay(
  output: Readable,
  response: ServerResponse,
): Promise<void> {
  let head = Buffer.alloc(0);
  for await (const chunk of output) {
    if (response.headersSent) {
      response.write(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) continue;
    writeHead(head.subarray(0, end).toString('latin1'), response);
    response.write(head.subarray(end + 4));
  }
  if (!response.headersSent) throw new Error('git http-backend said nothing');
  response.end();
}

function writeHead(head: string, response: ServerResponse): void {
  let status = 200;
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') status = parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
}

function fail(response: ServerResponse): void {
  if (!response.headersSent) response.writeHead(500);
  response.end();
}
