// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import {
  createServer,
  IncomingMessage,
  Server,
  ServerResponse,
} from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serveGit } from './gitBackend';

const execute = promisify(execFile);

export interface GitServerOptions {
  /** Folder of the bare repositories; a temporary one, removed by `stop`, when left out. */
  readonly folder?: string;
  /** Port on 127.0.0.1; any free one when left out. */
  readonly port?: number;
  /** Asked of everybody by basic authentication when given. */
  readonly login?: { readonly user: string; readonly password: string };
}

/** Bare repositories over smart HTTP, for clone, fetch and push. */
export interface GitServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly folder: string;
  /** Makes an empty repository with the branch `main` and returns its address. */
  createRepository(name: string): Promise<string>;
  /** Path of a repository on disk. */
  pathOf(name: string): string;
  /** Ends all connections, and removes the folder if it was made here. */
  stop(): Promise<void>;
}

/**
 * Starts a Git server in front of the program `git http-backend`.
 *
 * @throws Error when Git is not installed or the port is taken.
 */
export async function startGitServer(
  options: GitServerOptions = {},
): Promise<GitServer> {
  await execute('git', ['version']);
  const folder =
    options.folder ?? (await mkdtemp(join(tmpdir(), 'causeway-git-')));
  const server = createServer((request, response) => {
    if (isAllowed(request, options.login)) serveGit(folder, request, response);
    else askForLogin(response);
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const pathOf = (name: string) => join(folder, `${name}.git`);
  return {
    url,
    folder,
    pathOf,
    async createRepository(name) {
      await createBareRepository(pathOf(name));
      return `${url}/${name}.git`;
    },
    async stop() {
      await close(server);
      if (!options.folder) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function createBareRepository(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await execute('git', ['init', '--quiet', '--bare', '-b', 'main', path]);
  // Anybody who gets past this server's own login may push.
  await execute('git', ['-C', path, 'config', 'http.receivepack', 'true']);
}

function isAllowed(
  request: IncomingMessage,
  login: GitServerOptions['login'],
): boolean {
  if (!login) return true;
  const expected = btoa(`${login.user}:${login.password}`);
  return request.headers.authorization === `Basic ${expected}`;
}

function askForLogin(response: ServerResponse): void {
  response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' });
  response.end();
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
