// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { TestRepository } from './__testUtils__/TestRepository';
import { CatFileEnded } from './CatFile';
import { ObjectReader } from './ObjectReader';

/** Real processes, on machines that may be busy. */
jest.setTimeout(180_000);

const run = promisify(execFile);

let repository: TestRepository;
let reader: ObjectReader;
/** What tests before this one, which ran in the same process, have left running. */
let older: ReadonlySet<number>;

beforeEach(async () => {
  older = new Set(await gitProcesses());
  repository = await TestRepository.create();
  reader = repository.reader();
});
afterEach(async () => {
  await reader.end();
  await repository.remove();
});

/** Ids of the processes `git` that the test has started and that still run. */
async function readers(): Promise<readonly number[]> {
  return (await gitProcesses()).filter(id => !older.has(id));
}

async function gitProcesses(): Promise<readonly number[]> {
  const { stdout } = await run('ps', ['-axo', 'pid=,ppid=,stat=,comm=']);
  return stdout
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(
      ([, parent, state, program]) =>
        Number(parent) === process.pid &&
        !state.startsWith('Z') &&
        /(^|\/)git$/.test(program),
    )
    .map(([id]) => Number(id));
}

async function eventually(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

it('reads objects of any size and contents by one process, in any order', async () => {
  const contents = ['', '\n', 'a\0b missing\n', 'x'.repeat(3_000_000)];
  const ids = await Promise.all(contents.map(each => repository.blob(each)));
  const found = await Promise.all(ids.map(id => reader.read(id)));
  expect(
    found.map(
      (object, index) => object?.content.toString() === contents[index],
    ),
  ).toEqual([true, true, true, true]);
  expect(found[0]).toEqual({ id: ids[0], kind: 'blob', content: Buffer.of() });
  expect(await readers()).toHaveLength(1);
});

it('knows what is not there, and what is no name', async () => {
  const commit = await repository.commit({ 'a.txt': 'a' });
  const names = [
    '0'.repeat(40),
    'refs/heads/moon',
    '',
    `moon\n${commit}`,
    `${commit}\0`,
    'x'.repeat(5_000),
  ];
  for (const name of names) expect(await reader.read(name)).toBeUndefined();
  expect(await reader.read(commit)).toMatchObject({ kind: 'commit' });
});

it('sees what is written after it has started: references, objects and packs', async () => {
  expect(await reader.read('refs/heads/main')).toBeUndefined();
  const first = await repository.commit({ 'a.txt': 'a' });
  expect(await reader.read('refs/heads/main')).toMatchObject({ id: first });
  const second = await repository.commit({ 'a.txt': 'b' });
  await repository.git(['repack', '-a', '-d', '-q']);
  await repository.git(['pack-refs', '--all']);
  expect(await reader.read('refs/heads/main')).toMatchObject({ id: second });
  expect(await reader.read('main:a.txt')).toMatchObject({ kind: 'blob' });
  expect(await reader.read(`${second}^{tree}`)).toMatchObject({ kind: 'tree' });
  expect(await readers()).toHaveLength(1);
});

it('goes on when its process is killed, in the middle of questions and between them', async () => {
  const ids = await Promise.all(
    Array.from({ length: 50 }, (_none, index) => repository.blob(`${index}`)),
  );
  await reader.read(ids[0]);
  const asked = Promise.all(ids.map(id => reader.read(id)));
  for (const pid of await readers()) process.kill(pid, 'SIGKILL');
  const found = await asked;
  expect(found.map(object => object?.content.toString())).toEqual(
    ids.map((_id, index) => `${index}`),
  );
  for (const pid of await readers()) process.kill(pid, 'SIGKILL');
  await eventually(async () => (await readers()).length === 0);
  expect(await reader.read(await repository.blob('later'))).toMatchObject({
    content: Buffer.from('later'),
  });
});

it('says when there is no repository, and works when there is one', async () => {
  const lost = new ObjectReader({
    environment: () => ({ ...repository.environment(), GIT_DIR: '/nowhere' }),
  });
  const asked = ['refs/heads/main', 'refs/heads/next'].map(each =>
    lost.read(each),
  );
  for (const one of asked) await expect(one).rejects.toThrow(CatFileEnded);
  await expect(lost.read('HEAD')).rejects.toThrow(/not a git repository/);
  await lost.end();
  await repository.commit({});
  expect(await reader.read('refs/heads/main')).toBeDefined();
});

it('says when git is not installed', async () => {
  const lost = new ObjectReader({ environment: () => ({ PATH: '/nowhere' }) });
  await expect(lost.read('HEAD')).rejects.toThrow(/ENOENT/);
});

it('ends a process that is not asked for a while, and starts another one', async () => {
  const brief = repository.reader(50);
  const id = await repository.blob('a');
  await brief.read(id);
  await eventually(async () => (await readers()).length === 0);
  expect(await brief.read(await repository.blob('b'))).toBeDefined();
  await brief.end();
  expect(await readers()).toEqual([]);
});

it('keeps no program running, and its process ends with it', async () => {
  const id = await repository.blob('a');
  const program = `
    const { ObjectReader } = require(${JSON.stringify(
      require.resolve('./ObjectReader'),
    )});
    const reader = new ObjectReader({ environment: () => process.env });
    reader.read('${id}').then(found => process.stdout.write(found.content));
  `;
  const { stdout } = await run(
    process.execPath,
    [
      '--require',
      require.resolve('@backstage/cli-node/config/nodeTransform.cjs'),
      '--eval',
      program,
    ],
    { env: repository.environment() },
  );
  expect(stdout).toBe('a');
});
