// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { until } from './until';

/** The checkout. */
export const repository = resolve(__dirname, '../../../..');

/** Generous: the machine may be busy with other suites. */
const STARTING_PATIENCE_MS = 300_000;

/** What to run, and where its output goes. */
export interface NodeProcessOptions {
  /** TypeScript entry, relative to the checkout. */
  readonly entry: string;
  readonly parameters?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** A Node process that runs TypeScript from source, exactly as the launcher runs the portal and the simulator. */
export class NodeProcess {
  readonly #child: ChildProcess;
  readonly #logFile: string;
  readonly #ended: Promise<void>;

  static async start(options: NodeProcessOptions): Promise<NodeProcess> {
    await mkdir(dirname(options.logFile), { recursive: true });
    const child = spawn(
      process.execPath,
      [
        '--require',
        '@backstage/cli-node/config/nodeTransform.cjs',
        join(repository, options.entry),
        ...(options.parameters ?? []),
      ],
      {
        cwd: join(repository, 'packages/backend'),
        env: {
          PATH: process.env.PATH,
          HOME: process.env.HOME,
          NODE_COMPILE_CACHE: join(repository, '.cache/node'),
          ...options.environment,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const log = createWriteStream(options.logFile, { flags: 'a' });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    return new NodeProcess(child, options.logFile);
  }

  private constructor(child: ChildProcess, logFile: string) {
    this.#child = child;
    this.#logFile = logFile;
    this.#ended = new Promise(done => child.once('exit', () => done()));
  }

  /** Whether the process has ended, for whatever reason. */
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /**
   * Asks again until the process is ready. It says at once, not after the patience for a slow one, that
   * the process has ended.
   * @param name of the process, as a failure shall say it
   */
  async untilReady(
    name: string,
    isReady: () => Promise<boolean>,
  ): Promise<void> {
    const state = await until(
      `${name} to be ready`,
      async () => {
        if (this.hasEnded) return 'ended';
        return (await isReady()) ? 'ready' : undefined;
      },
      STARTING_PATIENCE_MS,
    ).catch(async error => {
      throw new Error(`${error.message}\n${await this.lastWords()}`, {
        cause: error,
      });
    });
    if (state === 'ended') {
      throw new Error(`${name} has ended\n${await this.lastWords()}`);
    }
  }

  /** Sends a signal and waits for the end. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!this.hasEnded) {
      this.#child.kill(signal);
    }
    await this.#ended;
  }

  /** The end of its log without the requests it answered, for the message of a failed wait. */
  async lastWords(): Promise<string> {
    const log = await readFile(this.#logFile, 'utf8').catch(() => '');
    return log
      .split('\n')
      .filter(line => !line.includes('incomingRequest'))
      .slice(-25)
      .join('\n');
  }
}
