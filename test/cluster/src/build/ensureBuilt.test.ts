// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startCluster } from '../cluster/startCluster';
import { defaultCacheFolder, folderOf } from './cacheFolder';
import { ensureBuilt, missingParts } from './ensureBuilt';
import { dataSets, programs } from './recipes';

// Real processes on a machine that may be busy.
jest.setTimeout(30_000);

const folders: string[] = [];

afterAll(() =>
  Promise.all(
    folders.map(folder => rm(folder, { recursive: true, force: true })),
  ),
);

const execute = promisify(execFile);

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-build-'));
  folders.push(folder);
  return folder;
}

describe('building the control plane', () => {
  it('says in one sentence that Go is missing, with an exit code of its own', async () => {
    const cache = await temporaryFolder();
    const command = resolve(__dirname, '../../bin/build.cjs');

    const run = execute(process.execPath, [command], {
      env: { ...process.env, PATH: cache, XDG_CACHE_HOME: cache },
    });

    await expect(run).rejects.toMatchObject({
      code: 69,
      stderr: expect.stringMatching(
        /^[^\n]*install Go 1\.26 or newer[^\n]*\n$/,
      ),
    });
    expect(await readdir(cache)).toEqual([]);
  });

  it('needs no Go once everything is there', async () => {
    const cacheFolder = await temporaryFolder();
    const required = [...dataSets, ...programs.filter(each => !each.optional)];
    for (const part of required) await mkdir(folderOf(cacheFolder, part));
    const lines: string[] = [];

    await ensureBuilt({ cacheFolder, progress: line => lines.push(line) });

    expect(lines).toEqual([]);
    expect(await missingParts(cacheFolder)).toEqual([]);
  });

  it('is asked for by a cluster that cannot start without it', async () => {
    const start = startCluster({ cacheFolder: await temporaryFolder() });

    await expect(start).rejects.toThrow(
      /etcd 3\.6\.6.*kube-apiserver.*build:cluster/,
    );
  });

  it('keeps what it builds where the XDG rule says', () => {
    expect(defaultCacheFolder({ XDG_CACHE_HOME: '/var/cache/me' })).toBe(
      '/var/cache/me/causeway/bin',
    );
  });
});
