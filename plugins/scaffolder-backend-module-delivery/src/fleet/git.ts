// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import type { FleetAccess } from './access';

/** A forge that says nothing for so long is away. */
const TIMEOUT_MS = 120_000;

/** Credentials go by the environment, where no list of processes and no message shows them. */
function environment(access: FleetAccess): NodeJS.ProcessEnv {
  const { username, password } = access.auth;
  const token = Buffer.from(`${username}:${password}`).toString('base64');
  return {
    PATH: process.env.PATH,
    // Neither a prompt nor anybody's own settings.
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ALLOW_PROTOCOL: 'http:https',
    GIT_CONFIG_COUNT: '3',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${token}`,
    GIT_CONFIG_KEY_1: 'core.hooksPath',
    GIT_CONFIG_VALUE_1: '/dev/null',
    // A link in the repository could lead what is written out of the clone.
    GIT_CONFIG_KEY_2: 'core.symlinks',
    GIT_CONFIG_VALUE_2: 'false',
    ...proxies(),
  };
}

function proxies(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      /^(https?_proxy|no_proxy|ssl_cert_file|git_ssl_cainfo)$/i.test(name),
    ),
  );
}

/**
 * Runs git and resolves to what it prints.
 *
 * @throws Error with what git said, without its arguments
 */
export function git(
  access: FleetAccess,
  words: readonly string[],
  author?: { readonly name: string; readonly email: string },
): Promise<string> {
  const env = {
    ...environment(access),
    ...(author && {
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_COMMITTER_NAME: 'Causeway',
      GIT_COMMITTER_EMAIL: 'causeway@localhost',
    }),
  };
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      [...words],
      { env, timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (!error) resolve(stdout);
        else reject(new Error(reasonIn(stderr) || `git failed: ${error.code}`));
      },
    );
  });
}

/** What git says for people, without progress and hints. */
function reasonIn(stderr: string): string {
  return stderr
    .split('\n')
    .filter(line => /^(fatal|error|remote| !)/.test(line))
    .join(' ')
    .trim();
}
