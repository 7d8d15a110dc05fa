// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { TestRepository } from './__testUtils__/TestRepository';
import { GitObjects, MissingObject } from './GitObjects';
import { ObjectReader } from './ObjectReader';
import { parseTree } from './parseTree';

/** Real processes, on machines that may be busy. */
jest.setTimeout(180_000);

let repository: TestRepository;
let reader: ObjectReader;
let objects: GitObjects;

beforeEach(async () => {
  repository = await TestRepository.create();
  reader = repository.reader();
  objects = new GitObjects(reader);
});
afterEach(async () => {
  await reader.end();
  await repository.remove();
});

const name = fc.stringMatching(/^[a-c0-9 .ÄöÜ_-]{1,4}$/).filter(
  // Git refuses these as names, and a file can not be a folder as well.
  each => !/^\.{1,2}$/.test(each) && !/^\.git$/i.test(each),
);
const paths = fc.uniqueArray(
  fc.array(name, { minLength: 1, maxLength: 3 }).map(parts => parts.join('/')),
  { minLength: 1, maxLength: 8 },
);
const withoutConflicts = (all: readonly string[]) =>
  all.filter(path => !all.some(other => other.startsWith(`${path}/`)));

it('lists and finds files as git does', async () => {
  await fc.assert(
    fc.asyncProperty(paths, async all => {
      const files = Object.fromEntries(
        withoutConflicts(all).map(path => [path, `at ${path}`]),
      );
      const commit = await repository.commit(files);
      const listed = await repository.git(['ls-tree', '-r', '-z', commit]);
      const expected = listed.split('\0').filter(Boolean).map(parseLine);
      expect(await objects.files(commit)).toEqual(expected);
      for (const entry of expected) {
        const { path } = entry;
        expect(await objects.entryAt(commit, path)).toEqual(entry);
        expect(await objects.entryAt(commit, `${path}/x`)).toBeUndefined();
        const folder = path.split('/').slice(0, -1).join('/');
        expect((await objects.entryAt(commit, `/${folder}/`))?.kind).toBe(
          folder ? 'tree' : undefined,
        );
      }
    }),
    { numRuns: 15 },
  );
});

function parseLine(line: string) {
  const tab = line.indexOf('\t');
  const [mode, kind, id] = line.slice(0, tab).split(' ');
  return { mode, kind, id, path: line.slice(tab + 1) };
}

it('reads all kinds of entries', async () => {
  const blob = await repository.blob('x');
  const commit = '1'.repeat(40);
  const tree = await repository.git(
    ['mktree', '--missing'],
    [
      `100644 blob ${blob}\tfile`,
      `120000 blob ${blob}\tlink`,
      `100755 blob ${blob}\tprogram`,
      `160000 commit ${commit}\tmodule`,
      `040000 tree ${commit}\tzone`,
    ].join('\n'),
  );
  expect(parseTree((await objects.read(tree)).content)).toEqual([
    { mode: '100644', kind: 'blob', id: blob, name: 'file' },
    { mode: '120000', kind: 'blob', id: blob, name: 'link' },
    { mode: '160000', kind: 'commit', id: commit, name: 'module' },
    { mode: '100755', kind: 'blob', id: blob, name: 'program' },
    { mode: '040000', kind: 'tree', id: commit, name: 'zone' },
  ]);
  const broken = await repository.git(['commit-tree', tree, '-m', 'Broken']);
  await expect(objects.files(broken)).rejects.toThrow(MissingObject);
  await expect(objects.entryAt(commit, 'a')).rejects.toThrow(MissingObject);
});

it('reads commits as git log does', async () => {
  const format = '%T%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B';
  const tree = (await repository.git(['mktree'], '')).trim();
  const person = '<> 1700000000 +0100';
  const heads = [
    `author Åsa O'Neil <asa@norden.example> 1700000000 -0730\ncommitter Nils <n@x> 1700000100 +0000`,
    `author ${person}\ncommitter ${person}`,
    `author A B  <a b@c> 0 +0000\ncommitter C <c> 12 +0000\ngpgsig -----BEGIN\n author Eve <e> 1 +0000\n\n -----END`,
  ];
  const messages = [
    '',
    'One',
    'One\n\nTwo: three\n\n\n',
    '\n\nlate',
    'author X <y> 1 +0000',
  ];
  for (const head of heads) {
    for (const message of messages) {
      const text = `tree ${tree}\n${head.replace(
        '\n\n',
        '\n \n',
      )}\n\n${message}`;
      const id = await repository.git(
        ['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'],
        text,
      );
      const logged = await repository.git([
        'log',
        '-1',
        `--format=${format}`,
        id,
      ]);
      const found = await objects.commit(id);
      const of = (who?: { name: string; email: string; date: Date }) => [
        who?.name,
        who?.email,
        String(Number(who?.date) / 1000),
      ];
      expect([
        found?.tree,
        found?.parents.join(' '),
        ...of(found?.author),
        ...of(found?.committer),
        found?.message,
      ]).toEqual(
        logged
          .split('\0')
          .map((field, index) =>
            index === 8 ? field.replace(/\n+$/, '') : field,
          ),
      );
    }
  }
});

it('finds the commit of a tag and of a branch, and none of a file', async () => {
  const commit = await repository.commit({ a: 'a' });
  await repository.git(['tag', '-a', '-m', 'One', 'v1', commit]);
  await repository.git(['tag', '-a', '-m', 'Two', 'v2', 'v1']);
  for (const each of ['refs/tags/v1', 'v2', 'main', commit.slice(0, 10)]) {
    expect(await objects.commit(each)).toMatchObject({ id: commit });
  }
  expect(await objects.commit(`${commit}:a`)).toBeUndefined();
});

it('tells what contains what as git does, or not at all', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 2, maxLength: 7 }),
      async chosen => {
        const ids: string[] = [];
        for (const [index, [one, other]] of chosen.entries()) {
          const parents = new Set(
            index === 0 ? [] : [ids[one % index], ids[other % index]],
          );
          const message = `${index} ${one} ${other}`;
          ids.push(
            await repository.commit({}, { parents: [...parents], message }),
          );
        }
        for (const commit of ids) {
          const contained = await repository.git(['rev-list', commit]);
          for (const ancestor of ids) {
            expect(await objects.contains(commit, ancestor)).toBe(
              contained.includes(ancestor),
            );
          }
        }
      },
    ),
    { numRuns: 5 },
  );
});

it('looks no further than nearby', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 2; index += 1) {
    const count = 150;
    const stream = Array.from(
      { length: count },
      (_none, each) =>
        `commit refs/heads/line-${index}\nmark :${
          each + 1
        }\ncommitter N <n> ${each} +0000\ndata 1\n${index}\n`,
    );
    const text = `${stream.join('')}get-mark :1\nget-mark :${count}\ndone\n`;
    const args = ['fast-import', '--quiet', '--done', '--date-format=raw'];
    ids.push(...(await repository.git(args, text)).split('\n'));
  }
  const [oldest, newest, , other] = ids;
  expect(await objects.contains(newest, oldest)).toBeUndefined();
  expect(await objects.contains(newest, other)).toBeUndefined();
  expect(await objects.contains(oldest, newest)).toBe(false);
});
