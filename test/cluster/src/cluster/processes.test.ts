// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, writeFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createProcessGroup, Tier } from './processes';
import { until } from './until';

// Real processes on a machine that may be busy.
jest.setTimeout(30_000);

const folders: string[] = [];

afterAll(() =>
  Promise.all(
    folders.map(folder => rm(folder, { recursive: true, force: true })),
  ),
);

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-processes-'));
  folders.push(folder);
  return folder;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A server that appends its name to `journal` when it is told to end. */
function recorder(name: string, tier: Tier, journal: string) {
  const script = `trap 'echo ${name} >> ${journal}; exit 0' TERM; echo up; while :; do sleep 0.02; done`;
  return { name, tier, command: 'sh', args: ['-c', script] };
}

const isUp = (tail: string) => (tail.includes('up') ? true : undefined);

describe('a group of servers', () => {
  it('is stopped from those that need others to those that are needed', async () => {
    const folder = await temporaryFolder();
    const journal = join(await temporaryFolder(), 'journal');
    const group = createProcessGroup(folder);
    for (const tier of ['store', 'client', 'api'] as const) {
      const server = await group.start(recorder(tier, tier, journal));
      await until(async () => isUp(await server.tail()), { what: tier });
    }

    await group.stop();

    expect(await readFile(journal, 'utf8')).toBe('client\napi\nstore\n');
    expect(existsSync(folder)).toBe(false);
  });

  it('kills a server that does not end when asked to', async () => {
    const group = createProcessGroup(await temporaryFolder());
    const script = `trap '' TERM; echo up; while :; do sleep 0.02; done`;
    const server = await group.start({
      name: 'stubborn',
      tier: 'client',
      command: 'sh',
      args: ['-c', script],
    });
    await until(async () => isUp(await server.tail()), { what: 'start' });

    await server.stop(50);

    expect(await server.ended).toBe('was ended by SIGKILL');
    await group.stop();
  });

  it('says what a server printed before it failed', async () => {
    const group = createProcessGroup(await temporaryFolder());
    const server = await group.start({
      name: 'store',
      tier: 'store',
      command: 'sh',
      args: ['-c', 'echo no room left; exit 3'],
    });

    const ready = until(async () => undefined, { what: 'it', server });

    const sentence = 'store ended with code 3:\nno room left';
    await expect(ready).rejects.toThrow(sentence);
    await expect(group.failure).rejects.toThrow(sentence);
    await group.stop();
  });

  it('does not start anything after its end', async () => {
    const group = createProcessGroup(await temporaryFolder());
    await group.stop();

    const start = group.start(recorder('late', 'client', '/dev/null'));

    await expect(start).rejects.toThrow('late comes after the end');
  });

  it('dies with the process that made it, even by SIGKILL', async () => {
    const folder = await temporaryFolder();
    const owner = join(await temporaryFolder(), 'owner.cjs');
    const transform = require.resolve(
      '@backstage/cli-node/config/nodeTransform.cjs',
    );
    await writeFile(
      owner,
      `require(${JSON.stringify(transform)});
       const { createProcessGroup } = require(${JSON.stringify(
         join(__dirname, 'processes'),
       )});
       createProcessGroup(${JSON.stringify(folder)})
         .start({ name: 'server', tier: 'api', command: 'sleep', args: ['600'] })
         .then(({ pid }) => console.log(pid));`,
    );
    const child = spawn(process.execPath, [owner], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface(child.stdout), 'line');
    const pid = Number(line);
    expect(isRunning(pid)).toBe(true);

    child.kill('SIGKILL');

    await until(async () => (isRunning(pid) ? undefined : true), {
      what: 'the orphan to be ended',
    });
    await until(async () => (existsSync(folder) ? undefined : true), {
      what: 'its folder to be removed',
    });
  });
});
