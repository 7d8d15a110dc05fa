// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Ended } from './run';

/** A service that a template made, as a process. */
export class RunningService {
  readonly #ended: Promise<unknown>;
  readonly #said: Buffer[] = [];

  /** Starts a program, told by `PORT` where to listen. */
  static async start(
    [program, ...args]: readonly string[],
    folder: string,
    environment: NodeJS.ProcessEnv,
  ): Promise<RunningService> {
    const port = await freePort();
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...environment, PORT: `${port}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new RunningService(child, port);
  }

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (part: Buffer) => this.#said.push(part));
    this.#ended = once(child, 'exit');
  }

  /** Asks again until there is an answer. Undefined when the service has ended before. */
  async untilAnswered<Value>(
    ask: () => Promise<Value | undefined>,
  ): Promise<Value | undefined> {
    const { child } = this;
    while (child.exitCode === null && child.signalCode === null) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      await new Promise(resolve => {
        setTimeout(resolve, 100);
      });
    }
    return undefined;
  }

  /** The status with which it says whether it lives. Undefined when it has ended before. */
  livez(): Promise<number | undefined> {
    return this.untilAnswered(async () => {
      const answer = await fetch(`${this.address}/livez`).catch(
        () => undefined,
      );
      return answer?.status;
    });
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Tells it to end, as clusters do, and waits for that. */
  async stop(): Promise<Ended> {
    this.child.kill('SIGTERM');
    await this.#ended;
    const output = Buffer.concat(this.#said).toString();
    return { code: this.child.exitCode, output };
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
