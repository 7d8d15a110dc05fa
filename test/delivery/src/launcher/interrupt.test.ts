// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from '../surroundings/NodeProcess';
import { freePortRange } from '../surroundings/ports';

jest.setTimeout(120_000);

/** As the launcher does: listens first, starts PostgreSQL, and at a signal ends other things before it. */
const launcher = (directory: string, port: number) => `
  import { readFileSync } from 'node:fs';
  import { startPostgres } from ${JSON.stringify(
    join(repository, 'launcher/postgres.mjs'),
  )};
  const interrupted = new Promise(resolve => process.on('SIGINT', resolve));
  const postgres = await startPostgres({
    directory: ${JSON.stringify(join(directory, 'postgres'))},
    port: ${port},
    password: 'secret',
    keep: false,
  });
  console.log('ready');
  await interrupted;
  // PostgreSQL heard of the signal as well. Whatever else was started takes longer to end.
  for (;;) {
    const answers = await fetch('http://127.0.0.1:${port}').catch(error => error);
    if (answers.cause?.code === 'ECONNREFUSED') break;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  await new Promise(resolve => setTimeout(resolve, 1_000));
  await postgres.stop();
  console.log('ended in order');
  process.exit(0);
`;

describe('Ctrl-C', () => {
  it('leaves the launcher the time to end everything in order', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'causeway-interrupt-'));
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        launcher(directory, await freePortRange(1)),
      ],
      { detached: true, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const said: string[] = [];
    child.stdout.on('data', chunk => {
      said.push(String(chunk).trim());
      // A terminal signals the whole group, not the launcher alone.
      if (said.length === 1 && child.pid) process.kill(-child.pid, 'SIGINT');
    });
    const [code] = await once(child, 'close');
    await rm(directory, { recursive: true, force: true });
    expect({ said, code }).toEqual({
      said: ['ready', 'ended in order'],
      code: 0,
    });
  });
});
