// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { git, gitEnvironment } from '../git/program';
import { Account, mayWrite } from './accounts';
import { Forge } from './Forge';
import { ForgeRepository } from './ForgeRepository';
import { mayPush } from './protections';
import { ReferenceAnswers, shortBody } from './ReferenceAnswers';

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

/** One request and its answer; `body` when it was read already. */
interface Exchange {
  readonly path: string;
  readonly account: Account | undefined;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer | false | undefined;
}

/** Sentences as Gitea's own hook writes them; what to refuse comes in the environment. */
const preReceive = `#!/bin/sh
refuse() {
  printf '\\nerror:\\nerror: %s\\nerror:\\n' "$1" >&2
  exit 1
}
while read -r before after reference; do
  [ -z "$FORGE_REFUSAL" ] || refuse "$FORGE_REFUSAL"
  # Empty when there is no such commit: then the id is nothing but zeros.
  case $after in *[!0]*) gone=no ;; *) gone= ;; esac
  case $before in *[!0]*) created=no ;; *) created= ;; esac
  if [ "$reference" = refs/heads/main ] && [ -z "$gone" ]; then
    refuse 'branch main is the default branch and cannot be deleted'
  fi
  for branch in $FORGE_PROTECTED_BRANCHES; do
    [ "$reference" = "refs/heads/$branch" ] || continue
    [ -n "$gone" ] || refuse "branch $branch is protected from deletion"
    [ -z "$created" ] || git merge-base --is-ancestor "$before" "$after" ||
      refuse "branch $branch is protected from force push"
  done
  for branch in $FORGE_CLOSED_BRANCHES; do
    [ "$reference" != "refs/heads/$branch" ] ||
      refuse "Not allowed to push to protected branch $branch"
  done
done
exit 0
`;

/** The reason given while the fault `refusePush` is on. */
export const refusalReason =
  'push declined by the forge (fault refusePush is on)';

/** Never kept by a proxy or client, as git says of all it answers. */
const unkept = {
  Expires: 'Fri, 01 Jan 1980 00:00:00 GMT',
  Pragma: 'no-cache',
  'Cache-Control': 'no-cache, max-age=0, must-revalidate',
};

/** Serves clone, fetch and push of the forge's repositories by `git http-backend`. */
export class SmartHttp {
  readonly #configuration: Readonly<Record<string, string>>;
  readonly #references: ReferenceAnswers;

  private constructor(
    private readonly forge: Forge,
    hooks: string,
    private readonly program: string,
  ) {
    this.#configuration = {
      GIT_CONFIG_COUNT: '4',
      GIT_CONFIG_KEY_2: 'core.hooksPath',
      GIT_CONFIG_VALUE_2: hooks,
      GIT_CONFIG_KEY_3: 'uploadpack.allowReachableSHA1InWant',
      GIT_CONFIG_VALUE_3: 'true',
    };
    this.#references = new ReferenceAnswers(this.#configuration);
  }

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
    }
    const body = path === '/git-upload-pack' && (await shortBody(request));
    const told = await this.#references.answer(
      {
        method: request.method ?? '',
        path,
        service,
        protocol: request.headers['git-protocol']?.toString() ?? '',
        body: body || undefined,
      },
      repository.git,
    );
    if (told) {
      response.writeHead(200, { ...unkept, 'Content-Type': told.type });
      response.end(told.body);
      return;
    }
    const exchange = { path, account, request, response, body };
    const run = () => this.#run(repository, exchange);
    if (account && path === '/git-receive-pack') {
      await this.forge.moving(repository, account, run);
    } else {
      await run();
    }
    // Only now: who has pushed may rely on everybody having been told.
    response.end();
  }

  /** Why nothing may be pushed at all; undefined when something may. */
  #refusalOf(readsOnly: boolean): string | undefined {
    if (readsOnly) return 'User permission denied for writing.';
    return this.forge.faults.takeRefusal() ? refusalReason : undefined;
  }

  #run(
    repository: ForgeRepository,
    { path, account, request, response, body }: Exchange,
  ): Promise<void> {
    const { owner, name } = repository.settings;
    const { protections } = repository;
    const pushing = path === '/git-receive-pack';
    const closed = account
      ? protections.filter(protection => !mayPush(account, protection))
      : [];
    const mayNot = account && !mayWrite(account);
    const header = (key: string) => request.headers[key]?.toString() ?? '';
    const backend = spawn(this.program, [], {
      env: {
        ...gitEnvironment(),
        ...this.#configuration,
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
        FORGE_PROTECTED_BRANCHES: protections
          .map(({ branch }) => branch)
          .join(' '),
        FORGE_REFUSAL: pushing ? this.#refusalOf(mayNot === true) ?? '' : '',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    if (body) backend.stdin.end(body);
    else request.pipe(backend.stdin);
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
