// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process';
import { appendFile, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The people and secrets of the test's forge. */
export const account = {
  username: 'causeway',
  password: 'a-long-and-random-password-of-a-test',
};

/**
 * A real Git server over smart HTTP: `git http-backend` behind Node. Everybody may read, pushing
 * needs the account. A test can make it refuse pushes, break off after a push, or go away.
 */
export class GitServer {
  /** Breaks the connection of so many pushes after they have been carried out. */
  cutAfterPush = 0;
  /** Called before a push is carried out. */
  beforePush: () => Promise<void> = async () => undefined;
  /** Called after a push was carried out and before it is answered. */
  afterPush: () => Promise<void> = async () => undefined;
  /** Asks for the account for reading too. */
  private = false;
  /** Whether it speaks version 2 of the protocol; older servers do not. */
  isModern = true;
  pushes = 0;
  /** Those that began, whatever they brought. */
  fetches = 0;
  readonly #server: http.Server;
  #port = 0;

  private constructor(readonly root: string) {
    this.#server = http.createServer((request, answer) => {
      this.#serve(request, answer).catch(() => answer.destroy());
    });
  }

  static async start(): Promise<GitServer> {
    const server = new GitServer(
      await mkdtemp(join(tmpdir(), 'causeway-git-')),
    );
    await server.listen();
    return server;
  }

  async listen(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Closes the port; the repositories stay. */
  async away(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async stop(): Promise<void> {
    await this.away();
    await rm(this.root, { recursive: true, force: true });
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  url(repository: string): string {
    return `http://${this.host}/${repository}`;
  }

  /** Makes a bare repository with one commit that holds these files. */
  async create(
    repository: string,
    files: Readonly<Record<string, string>>,
  ): Promise<void> {
    const directory = join(this.root, repository);
    await run('git', ['init', '--quiet', '--bare', '-b', 'main', directory]);
    await appendFile(
      join(directory, 'config'),
      '[http]\nreceivepack = true\n[uploadpack]\nallowFilter = true\n',
    );
    await this.#commit(repository, files, { message: 'Start' });
  }

  /** Commits files straight into the repository, as somebody else's push would. */
  change(
    repository: string,
    files: Readonly<Record<string, string>>,
    message: string,
  ): Promise<string> {
    return this.#commit(repository, files, {
      message,
      parent: 'refs/heads/main^0',
    });
  }

  /** One process makes the commit and moves the branch; a clone and a push would take a dozen. */
  async #commit(
    repository: string,
    files: Readonly<Record<string, string>>,
    { message, parent }: { readonly message: string; readonly parent?: string },
  ): Promise<string> {
    const text = (content: string) =>
      `data ${Buffer.byteLength(content)}\n${content}`;
    const importing = run(
      'git',
      ['fast-import', '--quiet', '--date-format=now'],
      { cwd: join(this.root, repository) },
    );
    importing.child.stdin?.end(
      [
        'commit refs/heads/main',
        'mark :1',
        'committer Nils Berg <nils@norden.example> now',
        text(`${message}\n`),
        ...(parent ? [`from ${parent}`] : []),
        ...Object.entries(files).flatMap(([path, content]) => [
          `M 100644 inline ${path}`,
          text(content),
        ]),
        'get-mark :1',
        '',
      ].join('\n'),
    );
    return (await importing).stdout.trim();
  }

  /** Lets a hook refuse every push, or none. */
  async refusePushes(repository: string, refuse: boolean): Promise<void> {
    const hook = join(this.root, repository, 'hooks', 'pre-receive');
    const says = 'echo "branch main is protected" >&2; exit 1';
    await writeFile(hook, `#!/bin/sh\n${refuse ? says : 'exit 0'}\n`);
    await chmod(hook, 0o755);
  }

  /** Runs git in a repository of the server and returns what it printed. */
  async git(repository: string, ...args: string[]): Promise<string> {
    const { stdout } = await run('git', args, {
      cwd: join(this.root, repository),
    });
    return stdout.trim();
  }

  async #serve(
    request: http.IncomingMessage,
    answer: http.ServerResponse,
  ): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://forge');
    const writes =
      url.pathname.endsWith('/git-receive-pack') ||
      url.searchParams.get('service') === 'git-receive-pack';
    const expected = Buffer.from(`${account.username}:${account.password}`);
    const known =
      request.headers.authorization === `Basic ${expected.toString('base64')}`;
    if ((writes || this.private) && !known) {
      answer.writeHead(401, { 'WWW-Authenticate': 'Basic realm="forge"' });
      answer.end();
      return;
    }
    const carriesOut = request.method === 'POST' && writes;
    if (carriesOut) await this.beforePush();
    // Asking where a branch is needs no such request.
    if (request.method === 'GET' && !writes) this.fetches += 1;
    const output = await this.#backend(url, request);
    if (carriesOut) {
      this.pushes += 1;
      await this.afterPush();
    }
    if (carriesOut && this.cutAfterPush > 0) {
      this.cutAfterPush -= 1;
      answer.destroy();
    } else {
      respond(answer, output);
    }
  }

  #backend(url: URL, request: http.IncomingMessage): Promise<Buffer> {
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: this.root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        ...(this.isModern && {
          GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        }),
        REMOTE_USER: account.username,
      },
    });
    request.pipe(child.stdin);
    child.stdin.on('error', () => undefined);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    return new Promise(resolve => {
      child.on('close', () => resolve(Buffer.concat(chunks)));
    });
  }
}

function respond(answer: http.ServerResponse, output: Buffer): void {
  const end = output.indexOf('\r\n\r\n');
  const headers = output.toString('utf8', 0, end).split('\r\n');
  let status = 200;
  for (const header of headers) {
    const [name, value] = header.split(/: */, 2);
    if (name === 'Status') status = Number.parseInt(value, 10);
    else answer.setHeader(name, value);
  }
  answer.writeHead(status);
  answer.end(output.subarray(end + 4));
}
