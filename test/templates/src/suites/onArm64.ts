// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Repository } from '../Repository';
import { run } from '../run';
import { RunningService } from '../RunningService';

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
      const data = join(folder, 'dist', 'data');
      await mkdir(data, { recursive: true });
      const service = await RunningService.start(
        [emulator ?? 'none', programOf(template)],
        folder,
        { ...process.env, DATA_DIRECTORY: data },
      );
      const lives = await service.livez();
      const metrics = await fetch(`${service.address}/metrics`).then(
        answer => answer.text(),
        () => '',
      );
      const ended = await service.stop();
      expect([lives, ended]).toEqual([
        200,
        { code: 0, output: expect.stringContaining('Stopped') },
      ]);
      expect(metrics).toContain('go_goroutines');
    },
  );
}
