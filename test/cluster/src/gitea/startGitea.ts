// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { defaultCacheFolder, programPath } from '../build/cacheFolder';
import { NotBuiltError } from '../build/errors';
import { freePorts } from '../cluster/freePorts';
import { statusOf } from '../cluster/probe';
import { createProcessGroup } from '../cluster/processes';
import { until } from '../cluster/until';

const run = promisify(execFile);

/** Settings of a Gitea. */
export interface GiteaOptions {
  /** Where the programs are; `~/.cache/causeway/bin` when left out. */
  readonly cacheFolder?: string;
}

/** A running Gitea with one administrator and nothing else. Everything about it is gone after `stop`. */
export interface Gitea {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly administrator: { readonly login: string; readonly password: string };
  stop(): Promise<void>;
}

/**
 * Starts a Gitea with its own SQLite database on a free port of 127.0.0.1 and
 * waits until it answers. Its pages have no scripts and styles, because its Go
 * module does not contain them; the API and Git work.
 *
 * @throws NotBuiltError when the program has not been built.
 * @throws Error with the end of its log when it does not start.
 */
export async function startGitea({
  cacheFolder = defaultCacheFolder(),
}: GiteaOptions = {}): Promise<Gitea> {
  const command = programPath(cacheFolder, 'gitea');
  await access(command).catch(() => {
    throw new NotBuiltError(['gitea']);
  });
  const folder = await mkdtemp(join(tmpdir(), 'causeway-gitea-'));
  const group = createProcessGroup(folder);
  try {
    const { gitea: port } = await freePorts(['gitea']);
    const config = join(folder, 'app.ini');
    await writeFile(
      config,
      configurationFor({ folder, port, files: dirname(command) }),
    );
    const environment = { PATH: process.env.PATH, HOME: folder };
    const administrator = {
      login: 'administrator',
      password: randomBytes(18).toString('base64url'),
    };
    const administer = (...args: string[]) =>
      run(command, ['--config', config, ...args], { env: environment });
    await administer('migrate');
    await administer(
      'admin',
      'user',
      'create',
      '--admin',
      '--must-change-password=false',
      `--username=${administrator.login}`,
      `--password=${administrator.password}`,
      '--email=administrator@gitea.example',
    );
    const server = await group.start({
      name: 'gitea',
      tier: 'client',
      command,
      args: ['--config', config, 'web'],
      // Its hooks are programs that are over before they need their memory back.
      environment: { HOME: folder, GOGC: '400' },
    });
    const url = `http://127.0.0.1:${port}`;
    await until(
      async () =>
        (await statusOf(`${url}/api/v1/version`)) === 200 ? true : undefined,
      { what: 'Gitea to be ready', server },
    );
    return { url, administrator, stop: () => group.stop() };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

/**
 * Settings that differ from the defaults. Containers run tests as root, which
 * Gitea refuses unless told otherwise; every request of a test signs in, so
 * passwords are hashed cheaply.
 */
function configurationFor(facts: {
  readonly folder: string;
  readonly port: number;
  /** Folder with Gitea's templates and options. */
  readonly files: string;
}): string {
  const { folder, port, files } = facts;
  return `
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
RUN_MODE = prod
WORK_PATH = ${folder}

[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = http://127.0.0.1:${port}/
STATIC_ROOT_PATH = ${files}
DISABLE_SSH = true
OFFLINE_MODE = true

[database]
DB_TYPE = sqlite3
PATH = ${join(folder, 'gitea.db')}

[security]
INSTALL_LOCK = true
SECRET_KEY = ${randomBytes(16).toString('hex')}
PASSWORD_HASH_ALGO = pbkdf2$100$50

[indexer]
ISSUE_INDEXER_TYPE = db

[webhook]
ALLOWED_HOST_LIST = loopback

[actions]
ENABLED = false

[cron.update_checker]
ENABLED = false

[log]
LEVEL = warn
`;
}
