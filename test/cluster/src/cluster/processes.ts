// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Who needs whom: clients need the API, the API needs its store. The API server
 * hangs when its store goes first, so tiers are stopped from last to first.
 */
export type Tier = 'store' | 'api' | 'client';
const STOP_ORDER: readonly Tier[] = ['client', 'api', 'store'];

/** What to run. */
export interface ProcessSpec {
  readonly name: string;
  readonly tier: Tier;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A running (or ended) server of the cluster. */
export interface ServerProcess {
  readonly name: string;
  readonly tier: Tier;
  readonly pid: number;
  /** Resolves with how the process ended, for whatever reason. */
  readonly ended: Promise<string>;
  /** Last lines of what it printed. */
  tail(lines?: number): Promise<string>;
  /** SIGTERM, and SIGKILL when it is still there after the grace period. */
  stop(graceMilliseconds: number): Promise<void>;
}

/** Servers that share a folder and an end. */
export interface ProcessGroup {
  /** In the order of their start. */
  readonly servers: readonly ServerProcess[];
  /** Rejects, with the end of its log, when a server ends by itself. */
  readonly failure: Promise<never>;
  start(spec: ProcessSpec): Promise<ServerProcess>;
  /** Stops all servers, tier by tier, and removes the folder. */
  stop(): Promise<void>;
}

const GRACE_MILLISECONDS = 5_000;
const TAIL_LINES = 15;

/**
 * Ends the servers and removes their folder when this process is gone, even
 * after SIGKILL: the pipe from here closes and `read` fails. Exit handlers
 * could not do that, and test runners do not run them at all.
 */
const GUARD = `
trap '' INT TERM HUP
pids=
while read -r pid; do
  [ "$pid" = released ] && exit 0
  pids="$pids $pid"
done
[ -z "$pids" ] || kill -9 $pids
rm -rf -- "$1"
`;

/**
 * A group of servers that keep their data and logs in `folder`.
 *
 * Each runs in a session of its own, so that Ctrl-C in a terminal reaches only
 * this process, which can then stop them in the right order.
 */
export function createProcessGroup(folder: string): ProcessGroup {
  const guard = spawn('sh', ['-c', GUARD, 'guard', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const guardEnded = once(guard, 'close');
  const servers: ServerProcess[] = [];
  let stopping = false;
  let fail: (reason: Error) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Whoever waits for it hears of it; that nobody waits is no second failure.
  failure.catch(() => {});
  const watch = async (server: ServerProcess) => {
    const sentence = await server.ended;
    if (!stopping) fail(await failureOf(server, sentence));
  };
  return {
    servers,
    failure,
    async start(spec) {
      // Steps of a failed start may still be under way while it is undone.
      if (stopping) throw new Error(`${spec.name} comes after the end.`);
      const server = await startServer(spec, folder);
      guard.stdin.write(`${server.pid}\n`);
      servers.push(server);
      watch(server).catch(fail);
      if (stopping) await server.stop(0);
      return server;
    },
    async stop() {
      stopping = true;
      for (const tier of STOP_ORDER) {
        const members = servers.filter(server => server.tier === tier);
        await Promise.all(
          members.map(server => server.stop(GRACE_MILLISECONDS)),
        );
      }
      await rm(folder, { recursive: true, force: true });
      guard.stdin.end('released\n');
      await guardEnded;
    },
  };
}

async function failureOf(
  server: ServerProcess,
  sentence: string,
): Promise<Error> {
  return new Error(`${server.name} ${sentence}:\n${await server.tail()}`);
}

async function startServer(
  { name, tier, command, args, environment }: ProcessSpec,
  folder: string,
): Promise<ServerProcess> {
  const logFile = join(folder, `${name}.log`);
  const log = await open(logFile, 'a');
  const child = spawn(command, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { PATH: process.env.PATH, TMPDIR: folder, ...environment },
  });
  // Listening from the start: a server may end at once.
  const ended = new Promise<string>(resolve => {
    child.once('exit', (code, signal) =>
      resolve(signal ? `was ended by ${signal}` : `ended with code ${code}`),
    );
  });
  try {
    await once(child, 'spawn');
  } finally {
    await log.close();
  }
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} has no process id.`);

  return {
    name,
    tier,
    pid,
    ended,
    async tail(lines = TAIL_LINES) {
      const text = await readFile(logFile, 'utf8');
      return text.trimEnd().split('\n').slice(-lines).join('\n');
    },
    async stop(graceMilliseconds) {
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds);
      await ended;
      clearTimeout(killer);
    },
  };
}
