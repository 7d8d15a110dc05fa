// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';

/** User and password for one repository. They never reach arguments, files, logs or error messages. */
export interface GitCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Why git did not do what it was asked.
 *
 * - `unreachable`: the remote did not answer, or broke off; nothing is proved.
 * - `denied`: the remote refused our credentials.
 * - `missing`: the remote has no such repository or branch.
 * - `local`: the mirror on this disk is broken, or we asked nonsense.
 */
export type GitFailure = 'unreachable' | 'denied' | 'missing' | 'local';

/** A git command that did not end well. The message is git's own last words, without credentials. */
export class GitError extends Error {
  constructor(
    readonly failure: GitFailure,
    message: string,
    readonly exitCode: number | undefined,
    /** What git had written until then. */
    readonly stdout: string,
  ) {
    super(message);
    this.name = 'GitError';
  }
}

/** How git is run. */
export interface GitCall {
  readonly args: readonly string[];
  /** The bare repository to work in. */
  readonly directory?: string;
  readonly input?: string | Buffer;
  /** Remote that the command speaks to, with the credentials for it. */
  readonly remote?: {
    readonly url: string;
    readonly credentials?: GitCredentials;
  };
  /** Milliseconds until git is ended. Default one minute. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

const proxies = ['http_proxy', 'https_proxy', 'HTTPS_PROXY'];

const maximumOutput = 64 * 1024 * 1024;

/**
 * Runs the `git` program without a shell, without the machine's and the user's git configuration,
 * without prompts and hooks, and with HTTP as the only transport.
 * @throws GitError, or the reason of `signal` when it aborts
 */
export async function git(call: GitCall): Promise<Buffer> {
  const { timeout = 60_000, signal } = call;
  signal?.throwIfAborted();
  // A group of its own, so that ending it also ends the helper that speaks HTTP.
  const child = spawn('git', call.args, {
    env: environment(call),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let tooLate = false;
  const timer = setTimeout(() => {
    tooLate = true;
    end(child);
  }, timeout);
  const abort = () => end(child);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const { code, stdout, stderr } = await finish(child, call.input);
    if (code === 0) return stdout;
    signal?.throwIfAborted();
    const said = redact(stderr, call.remote?.credentials);
    if (tooLate) {
      const problem = `git ${call.args[0]} took longer than ${
        timeout / 1000
      } s`;
      throw new GitError('unreachable', problem, code, stdout.toString());
    }
    throw new GitError(
      sortFailure(said),
      lastWords(said),
      code,
      stdout.toString(),
    );
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Only what git needs; the portal's own environment holds secrets that are none of its business. */
export function environment({ directory, remote }: GitCall): NodeJS.ProcessEnv {
  const inherited = [
    'PATH',
    'TMPDIR',
    ...proxies,
    'no_proxy',
    'NO_PROXY',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'GIT_SSL_CAINFO',
  ];
  return {
    ...Object.fromEntries(inherited.map(name => [name, process.env[name]])),
    ...(directory && { GIT_DIR: directory, HOME: directory }),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'http:https',
    GIT_NO_REPLACE_OBJECTS: '1',
    ...configuration([
      ['core.hooksPath', '/dev/null'],
      ['credential.helper', ''],
      ['gc.autoDetach', 'false'],
      ['safe.directory', '*'],
      ...(remote?.credentials
        ? [header(new URL(remote.url).origin, remote.credentials)]
        : []),
    ]),
  };
}

/** Sent only to this origin, not to one that it may redirect to. */
function header(
  origin: string,
  credentials: GitCredentials,
): readonly [string, string] {
  return [
    `http.${origin}/.extraHeader`,
    `Authorization: ${basicAuthorization(credentials)}`,
  ];
}

/** Value of the header that proves who asks. */
export function basicAuthorization({
  username,
  password,
}: GitCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** Whether git goes through a proxy of the machine, which nothing else here knows how to use. */
export function usesProxy(): boolean {
  return proxies.some(name => process.env[name]);
}

function configuration(entries: readonly (readonly [string, string])[]) {
  const pairs = entries.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    GIT_CONFIG_COUNT: String(entries.length),
    ...Object.fromEntries(pairs),
  };
}

function finish(
  child: ChildProcess & {
    readonly stdin: NodeJS.WritableStream;
    readonly stdout: NodeJS.ReadableStream;
    readonly stderr: NodeJS.ReadableStream;
  },
  input: string | Buffer | undefined,
): Promise<{ code: number | undefined; stdout: Buffer; stderr: string }> {
  const stdout: Buffer[] = [];
  let size = 0;
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maximumOutput) end(child);
    else stdout.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-10_000);
  });
  // Git may end before it has read everything; its exit code tells what matters.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', error => reject(notRunnable(error)));
    child.on('close', code =>
      resolve({
        code: code ?? undefined,
        stdout: Buffer.concat(stdout),
        stderr,
      }),
    );
  });
}

function end(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

function notRunnable(error: Error): Error {
  return new GitError(
    'local',
    `The git program can not be run (${error.message}). Install git on the machine of the portal.`,
    undefined,
    '',
  );
}

function sortFailure(said: string): GitFailure {
  if (
    /couldn't find remote ref|repository .* not found|error: 404/i.test(said)
  ) {
    return 'missing';
  }
  if (
    /Authentication failed|could not read Username|error: 40[13]/.test(said)
  ) {
    return 'denied';
  }
  const broken =
    /unable to access|Could not resolve|Failed to connect|timed out|early EOF|RPC failed|unexpected disconnect|hung up|invalid server response|expected flush|error: 5\d\d/i;
  return broken.test(said) ? 'unreachable' : 'local';
}

function redact(said: string, credentials: GitCredentials | undefined): string {
  return credentials?.password
    ? said.replaceAll(credentials.password, '***')
    : said;
}

function lastWords(said: string): string {
  const lines = said.trim().split('\n');
  const words = lines.filter(line => /^(fatal|error|remote):/.test(line));
  return (words.length > 0 ? words : lines).slice(-4).join(' ').slice(0, 600);
}
