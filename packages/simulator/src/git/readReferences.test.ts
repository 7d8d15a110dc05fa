// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BareRepository } from './BareRepository';
import { git } from './program';

/** Real processes, on machines that may be busy. */
jest.setTimeout(180_000);

test('references are what git lists: loose, packed, both, removed, annotated', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-references-'));
  const run = async (...args: string[]) =>
    (
      await git(args, {
        gitDirectory: directory,
        environment: {
          GIT_COMMITTER_NAME: 'Nils',
          GIT_COMMITTER_EMAIL: 'nils@norden.example',
        },
      })
    ).toString();
  const format =
    '%(refname) %(objectname)%(if)%(*objectname)%(then) %(*objectname)%(end)';
  const repository = await BareRepository.create(directory);
  const check = async () => {
    const listed = await run('for-each-ref', `--format=${format}`);
    const found = await repository.allReferences();
    expect(
      found.map(({ name, sha, peeled }) =>
        [name, sha, peeled].filter(Boolean).join(' '),
      ),
    ).toEqual(listed.split('\n').filter(Boolean));
  };
  await check();
  const author = {
    name: 'Nils',
    email: 'nils@norden.example',
    date: new Date('2026-11-01T00:00:00Z'),
  };
  const commit = { branch: 'main', author, message: 'One', changes: [] };
  const [first] = await repository.write([commit]);
  for (const name of ['a/b', 'a-b', 'a.b', 'Z', 'é'])
    await run('branch', name, first);
  await run('tag', 'v1', first);
  await run('tag', '-a', '-m', 'Two', 'v2', first);
  await check();
  await run('pack-refs', '--all');
  await check();
  await repository.write([{ ...commit, message: 'Two', parent: first }]);
  await run('branch', '-D', 'a/b');
  await run('branch', 'a/c/d', first);
  await run('tag', '-a', '-m', 'Three', 'v3', 'v2^{commit}');
  await check();
  expect(await repository.references('refs/tags/')).toEqual(
    ['v1', 'v2', 'v3'].map(name => ({ name, sha: first })),
  );
  await repository.end();
  await rm(directory, { recursive: true, force: true });
});
