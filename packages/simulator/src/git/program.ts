// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';

/** A git command that ended with an error. `standardError` is what git said. */
export class GitError extends Error {
  constructor(
    readonly command: string,
    readonly exitCode: number | undefined,
    readonly standardError: string,
  ) {
    super(
      `git ${command} failed: ${standardError.trim() || `exit ${exitCode}`}`,
    );
    this.name = 'GitError';
  }
}

/** Settings of one git call. */
export interface GitOptions {
  /** The bare repository to work on. */
  readonly gitDirectory?: string;
  /** Bytes for standard input. */
  readonly input?: Buffer | string;
  /** Environment variables beside the clean set. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends the program. */
  readonly signal?: AbortSignal;
}

/**
 * The environment git runs in: nothing of the user's own configuration or of
 * a proxy may change what the simulated world does, and git never asks.
 */
export function gitEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
    GIT_CONFIG_KEY_1: 'http.proxy',
    GIT_CONFIG_VALUE_1: '',
  };
}

/**
 * Runs git and returns its standard output.
 * @throws GitError when git ends with another code than 0.
 */
export function git(
  args: readonly string[],
  options: GitOptions = {},
): Promise<Buffer> {
  const command = args[0] ?? '';
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      env: {
        ...gitEnvironment(),
        ...(options.gitDirectory ? { GIT_DIR: options.gitDirectory } : {}),
        ...options.environment,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      signal: options.signal,
    });
    const output: Buffer[] = [];
    const problems: Buffer[] = [];
    child.stdout.on('data', chunk => output.push(chunk));
    child.stderr.on('data', chunk => problems.push(chunk));
    child.on('error', reject);
    child.on('close', code => {
      if (code === 0) {
        resolve(Buffer.concat(output));
      } else {
        reject(
          new GitError(
            command,
            code ?? undefined,
            Buffer.concat(problems).toString(),
          ),
        );
      }
    });
    // git may end before it has read everything; its exit code tells the story then.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}
