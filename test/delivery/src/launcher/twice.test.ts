// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../surroundings/NodeProcess';

jest.setTimeout(120_000);

const lookForLeftovers = (directory: string) => `
  import { Children } from ${JSON.stringify(
    join(repository, 'launcher/children.mjs'),
  )};
  await new Children(${JSON.stringify(directory)})
    .endLeftovers()
    .then(() => console.log('nothing runs'), error => console.log(error.message));
`;

async function said(directory: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    lookForLeftovers(directory),
  ]);
  return stdout.trim();
}

test('a second start says that the portal runs already, and leaves it alone', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-twice-'));
  await mkdir(join(directory, 'launcher'));
  await writeFile(
    join(directory, 'launcher', 'start.mjs'),
    'setInterval(() => {}, 1_000);',
  );
  // As npm does: by a path that does not name the checkout.
  const first = spawn(process.execPath, ['launcher/start.mjs'], {
    cwd: directory,
    stdio: 'ignore',
  });
  await once(first, 'spawn');
  const processes = { launcher: first.pid, children: [first.pid] };
  const file = join(directory, 'processes.json');
  await writeFile(file, JSON.stringify(processes));
  expect(await said(directory)).toContain(
    `already runs from this folder (process ${first.pid})`,
  );
  expect(first.exitCode ?? first.signalCode).toBe(null);

  first.kill();
  await once(first, 'exit');
  expect(await said(directory)).toBe('nothing runs');
  await rm(directory, { recursive: true, force: true });
});
