// SPDX-License-Identifier: Apache-2.0
import { spawn, spawnSync } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { repository } from './folders.mjs';

const STOP_PATIENCE_MS = 5_000;

/**
 * The processes that a launcher runs. Each has a process group of its own, so that Ctrl-C reaches
 * the launcher alone and it can end them in order. Their ids are kept in a file: what a killed
 * launcher left running is ended by the next one.
 */
export class Children {
  #file;
  #logs;
  #running = [];

  constructor(dataDirectory) {
    this.#file = join(dataDirectory, 'processes.json');
    this.#logs = join(dataDirectory, 'logs');
    mkdirSync(this.#logs, { recursive: true });
  }

  /** Where the output of a child goes. */
  logFile(name) {
    return join(this.#logs, `${name}.log`);
  }

  /**
   * Starts a process; its output goes to a log file, and to `onLine` line by line.
   * `onExit` is called when it ends without having been asked to.
   */
  start(name, executable, parameters, { cwd, env, onExit, onLine }) {
    const log = createWriteStream(this.logFile(name));
    const child = spawn(executable, parameters, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const entry = { name, child, stopping: false };
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    if (onLine) {
      child.stdout.on('data', chunk =>
        String(chunk).split('\n').forEach(onLine),
      );
    }
    child.on('exit', (code, signal) => {
      this.#running = this.#running.filter(other => other !== entry);
      this.#remember();
      if (!entry.stopping) {
        onExit?.(code ?? signal);
      }
    });
    this.#running.push(entry);
    this.#remember();
    return child;
  }

  /** Ends all children, the last started first; one that does not listen is killed after 5 s. */
  async stop() {
    for (const entry of [...this.#running].reverse()) {
      entry.stopping = true;
      await endGroup(entry.child);
    }
    rmSync(this.#file, { force: true });
  }

  /** Ends what a launcher that was killed left running on this data. */
  async endLeftovers() {
    if (!existsSync(this.#file)) {
      return;
    }
    const { launcher, children } = JSON.parse(readFileSync(this.#file, 'utf8'));
    if (launcher !== process.pid && isLauncher(launcher)) {
      throw new Failure(
        `Causeway already runs from this folder (process ${launcher}). Stop it with Ctrl-C in its terminal.`,
      );
    }
    for (const pid of children.filter(isOurs)) {
      signalGroup(pid, 'SIGKILL');
    }
    rmSync(this.#file, { force: true });
  }

  #remember() {
    writeFileSync(
      this.#file,
      JSON.stringify({
        launcher: process.pid,
        children: this.#running.map(({ child }) => child.pid),
      }),
    );
  }
}

/** Whether a process of this id is a launcher; npm starts it by a path within the checkout. */
function isLauncher(pid) {
  return /\blauncher\/\w+\.mjs\b/.test(commandOf(pid));
}

/** Whether a process of this id runs a program of this checkout; ids are used again by others. */
function isOurs(pid) {
  return commandOf(pid).includes(repository);
}

function commandOf(pid) {
  if (existsSync(`/proc/${pid}/cmdline`)) {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  }
  const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], {
    encoding: 'utf8',
  });
  return stdout ?? '';
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}

function endGroup(child) {
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve();
  }
  return new Promise(resolve => {
    const impatience = setTimeout(
      () => signalGroup(child.pid, 'SIGKILL'),
      STOP_PATIENCE_MS,
    );
    child.once('exit', () => {
      clearTimeout(impatience);
      resolve();
    });
    signalGroup(child.pid, 'SIGTERM');
  });
}
