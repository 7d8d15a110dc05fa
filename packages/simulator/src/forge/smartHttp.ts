// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { git, gitEnvironment } from '../git/program';
import { Account, mayPush, mayWrite } from './accounts';
import { Forge } from './Forge';
import { ForgeRepository } from './ForgeRepository';

/** A request of the Git protocol, taken apart. */
export interface GitRequest {
  /** `owner/name` without `.git`. */
  readonly repository: string;
  /** The part after the repository, e.g. `/info/refs`. */
  readonly path: string;
  readonly service: 'git-upload-pack' | 'git-receive-pack';
}

/** Recognises the addresses of the smart protocol; undefined for any other one. */
export function parseGitRequest(url: URL): GitRequest | undefined {
  const match =
    /^\/([^/]+)\/([^/]+?)(?:\.git)?(\/info\/refs|\/git-upload-pack|\/git-receive-pack)$/.exec(
      url.pathname,
    );
  if (!match) return undefined;
  const [, owner, name, path] = match;
  const service =
    path === '/info/refs' ? url.searchParams.get('service') : path.slice(1);
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack')
    return undefined;
  return { repository: `${owner}/${name}`, path, service };
}

const preReceive = `#!/bin/sh
# Refuses what the forge was told to refuse; the reasons come in the environment.
while read -r before after reference; do
  if [ -n "$FORGE_REFUSAL" ]; then
    echo "Gitea: $FORGE_REFUSAL" >&2
    exit 1
  fi
  for branch in $FORGE_CLOSED_BRANCHES; do
    if [ "$reference" = "refs/heads/$branch" ]; then
      echo "Gitea: Not allowed to push to protected branch $branch" >&2
      exit 1
    fi
  done
done
exit 0
`;

/** The reason given while the fault `refusePush` is on. */
export const refusalReason =
  'push declined by the forge (fault refusePush is on)';

/** Serves clone, fetch and push of the forge's repositories by `git http-backend`. */
export class SmartHttp {
  private constructor(
    private readonly forge: Forge,
    private readonly hooks: string,
    private readonly program: string,
  ) {}

  /** Prepares the hook that guards branches, outside the repositories. */
  static async prepare(forge: Forge, directory: string): Promise<SmartHttp> {
    const hooks = join(directory, 'hooks');
    await mkdir(hooks, { recursive: true });
    await writeFile(join(hooks, 'pre-receive'), preReceive);
    await chmod(join(hooks, 'pre-receive'), 0o755);
    const path = (await git(['--exec-path'])).toString().trim();
    return new SmartHttp(forge, hooks, join(path, 'git-http-backend'));
  }

  /** Answers one request; `account` is undefined for an anonymous one. */
  async serve(
    { repository: fullName, path, service }: GitRequest,
    account: Account | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const repository = this.forge.repository(fullName);
    if (!repository) {
      answer(response, 404, 'Repository not found');
      return;
    }
    if (service === 'git-receive-pack') {
      if (!account) {
        response.setHeader('WWW-Authenticate', 'Basic realm="Gitea"');
        answer(response, 401, 'Unauthorized');
        return;
      }
      if (!mayWrite(account)) {
        answer(response, 403, 'User permission denied for writing.');
        return;
      }
    }
    const run = () => this.#run(repository, path, account, request, response);
    if (account && path === '/git-receive-pack') {
      await this.forge.moving(repository, account, run);
    } else {
      await run();
    }
    // Only now: who has pushed may rely on everybody having been told.
    response.end();
  }

  #run(
    repository: ForgeRepository,
    path: string,
    account: Account | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { owner, name, protections } = repository.settings;
    const pushing = path === '/git-receive-pack';
    const closed = account
      ? protections.filter(
          ({ branch }) => !mayPush(account, branch, protections),
        )
      : [];
    const header = (key: string) => request.headers[key]?.toString() ?? '';
    const backend = spawn(this.program, [], {
      env: {
        ...gitEnvironment(),
        GIT_CONFIG_COUNT: '4',
        GIT_CONFIG_KEY_2: 'core.hooksPath',
        GIT_CONFIG_VALUE_2: this.hooks,
        GIT_CONFIG_KEY_3: 'uploadpack.allowReachableSHA1InWant',
        GIT_CONFIG_VALUE_3: 'true',
        GIT_PROJECT_ROOT: this.forge.directory,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_PROTOCOL: header('git-protocol'),
        REQUEST_METHOD: request.method ?? 'GET',
        PATH_INFO: `/${owner}/${name}.git${path}`,
        QUERY_STRING: new URL(request.url ?? '/', 'http://forge').search.slice(
          1,
        ),
        CONTENT_TYPE: header('content-type'),
        ...(request.headers['content-length']
          ? { CONTENT_LENGTH: header('content-length') }
          : {}),
        HTTP_CONTENT_ENCODING: header('content-encoding'),
        REMOTE_ADDR: request.socket.remoteAddress ?? '',
        ...(account ? { REMOTE_USER: account.login } : {}),
        FORGE_CLOSED_BRANCHES: closed.map(({ branch }) => branch).join(' '),
        FORGE_REFUSAL:
          pushing && this.forge.faults.takeRefusal() ? refusalReason : '',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    request.pipe(backend.stdin);
    backend.stdin.on('error', () => undefined);
    response.on('close', () => {
      if (!response.writableFinished) backend.kill();
    });
    return relay(
      backend.stdout,
      response,
      new Promise(resolve => backend.on('close', resolve)),
    );
  }
}

/** Writes what a CGI program says into a response and leaves it open; resolves when the program has ended. */
async function relay(
  output: NodeJS.ReadableStream,
  response: ServerResponse,
  ended: Promise<unknown>,
): Promise<void> {
  let head = Buffer.alloc(0);
  let inBody = false;
  output.on('data', (chunk: Buffer) => {
    if (inBody) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    inBody = true;
    for (const line of head.subarray(0, end).toString().split('\r\n')) {
      const [key, value] = line.split(': ', 2);
      if (key.toLowerCase() === 'status')
        response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(key, value);
    }
    response.write(head.subarray(end + 4));
  });
  await ended;
  if (!inBody) response.statusCode = 500;
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(`${text}\n`);
}
