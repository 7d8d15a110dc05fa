// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import type { Repository } from '../Repository';
import { run } from '../run';

/** What a file says it is for, at this place of its header, and what it says for arm64. */
const machine = { offset: 18, arm64: 183 };

const emulator = (process.env.PATH ?? '')
  .split(delimiter)
  .map(folder => join(folder, 'qemu-aarch64-static'))
  .find(existsSync);
if (emulator === undefined) {
  process.stderr.write(
    'qemu-aarch64-static is not on the PATH (on Debian it is in qemu-user-static): services are compiled for arm64 and not run\n',
  );
}

/** Registers that services in Go can be compiled for the boards of the fleet as their images do it, and run there. */
export function onArm64(
  templates: readonly string[],
  repositoryOf: (template: string) => Repository,
): void {
  const programOf = (template: string) =>
    join(repositoryOf(template).folder, 'dist', 'arm64');

  test.each([...templates])('%s is compiled for arm64', async template => {
    const { folder, checks } = repositoryOf(template);
    // They have put the packages of the service into the cache.
    await checks;
    const program = programOf(template);
    await mkdir(join(folder, 'dist'), { recursive: true });
    const ended = await run(
      'bash',
      ['-c', `go build -trimpath -ldflags='-s -w' -o '${program}' ./cmd/*`],
      folder,
      { CGO_ENABLED: '0', GOOS: 'linux', GOARCH: 'arm64' },
    );
    expect(ended).toEqual({ code: 0, output: '' });
    const file = await open(program);
    const { buffer } = await file.read(Buffer.alloc(20), 0, 20, 0);
    await file.close();
    expect(buffer.readUInt16LE(machine.offset)).toBe(machine.arm64);
  });

  (emulator === undefined ? test.skip : test).each([...templates])(
    '%s lives, answers and ends well on arm64, under QEMU',
    async template => {
      const { folder } = repositoryOf(template);
      const program = programOf(template);
      const port = await freePort();
      const environment = {
        PORT: `${port}`,
        DATA_DIRECTORY: join(folder, 'dist', 'data'),
      };
      await mkdir(environment.DATA_DIRECTORY, { recursive: true });
      const service = spawn(emulator ?? 'none', [program], {
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const said = textOf(service);
      const ended = once(service, 'exit');
      try {
        expect(await answer(service, `http://127.0.0.1:${port}/livez`)).toBe(
          200,
        );
        const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
        expect(await metrics.text()).toContain('go_goroutines');
      } finally {
        service.kill('SIGTERM');
      }
      expect([await ended, said()]).toEqual([
        [0, null],
        expect.stringContaining('Stopped'),
      ]);
    },
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function textOf({ stderr }: ChildProcess): () => string {
  const parts: Buffer[] = [];
  stderr?.on('data', (part: Buffer) => parts.push(part));
  return () => Buffer.concat(parts).toString();
}

/** The status with which a service answers, once it does; undefined when it has ended before. */
async function answer(
  service: ChildProcess,
  url: string,
): Promise<number | undefined> {
  while (service.exitCode === null && service.signalCode === null) {
    const response = await fetch(url).catch(() => undefined);
    if (response) return response.status;
    await new Promise(resolve => {
      setTimeout(resolve, 100);
    });
  }
  return undefined;
}
