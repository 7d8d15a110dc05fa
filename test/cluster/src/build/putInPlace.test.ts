// SPDX-License-Identifier: Apache-2.0
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { putInPlace } from './putInPlace';

describe('putting what is finished where it is looked for', () => {
  let cache: string;

  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'causeway-place-'));
  });

  afterEach(() => rm(cache, { recursive: true, force: true }));

  async function finished(name: string): Promise<string> {
    const folder = join(cache, name);
    await mkdir(folder);
    await writeFile(join(folder, 'program'), name);
    return folder;
  }

  it('keeps one whole result of two builders that end at the same time', async () => {
    const target = join(cache, 'program-1.0');
    const folders = await Promise.all(['first', 'second'].map(finished));

    await Promise.all(folders.map(folder => putInPlace(folder, target)));

    expect(await readdir(target)).toEqual(['program']);
    expect(['first', 'second']).toContain(
      await readFile(join(target, 'program'), 'utf8'),
    );
  });

  it('says what is wrong when there is nothing in place afterwards', async () => {
    const folder = await finished('first');

    await expect(
      putInPlace(folder, join(cache, 'no', 'such', 'folder')),
    ).rejects.toThrow('ENOENT');
  });
});
