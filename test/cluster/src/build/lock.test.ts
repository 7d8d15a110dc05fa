// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, writeFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from './lock';

// Real processes on a machine that may be busy.
jest.setTimeout(30_000);

const folders: string[] = [];

afterAll(() =>
  Promise.all(
    folders.map(folder => rm(folder, { recursive: true, force: true })),
  ),
);

async function lockFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-lock-'));
  folders.push(folder);
  return join(folder, 'lock');
}

describe('the build lock', () => {
  it('lets one at a time work, and tells the other whom it waits for', async () => {
    const file = await lockFile();
    const story: string[] = [];
    let finishFirst = () => {};
    let firstHasBegun = () => {};
    const begun = new Promise<void>(resolve => {
      firstHasBegun = resolve;
    });
    const firstMayFinish = new Promise<void>(resolve => {
      finishFirst = resolve;
    });

    const first = withLock(
      file,
      () => story.push('first waits'),
      async () => {
        story.push('first begins');
        firstHasBegun();
        await firstMayFinish;
        story.push('first ends');
      },
    );
    await begun;
    const second = withLock(
      file,
      holder => {
        story.push(`second waits for ${holder}`);
        finishFirst();
      },
      async () => story.push('second begins'),
    );
    await Promise.all([first, second]);

    expect(story).toEqual([
      'first begins',
      `second waits for ${process.pid}`,
      'first ends',
      'second begins',
    ]);
    expect(existsSync(file)).toBe(false);
  });

  it('is taken over from a process that is gone', async () => {
    const file = await lockFile();
    const gone = spawn('true');
    await once(gone, 'exit');
    await writeFile(file, `${gone.pid}`);

    const result = await withLock(
      file,
      () => {},
      async () => 'done',
    );

    expect(result).toBe('done');
  });

  it('is given back when the work fails', async () => {
    const file = await lockFile();

    const work = withLock(
      file,
      () => {},
      async () => {
        throw new Error('no room left');
      },
    );

    await expect(work).rejects.toThrow('no room left');
    expect(existsSync(file)).toBe(false);
  });
});
