// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packet } from '@causeway/git';
import { BareRepository } from '../git/BareRepository';
import { git, gitEnvironment } from '../git/program';
import { ReferenceAnswers } from './ReferenceAnswers';

/** Real processes, on machines that may be busy. */
jest.setTimeout(180_000);

let directory: string;
let repository: BareRepository;
const answers = new ReferenceAnswers({});
const author = {
  name: 'Nils',
  email: 'nils@norden.example',
  date: new Date('2026-11-01T00:00:00Z'),
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-advertisement-'));
  repository = await BareRepository.create(directory);
});
afterEach(async () => {
  await repository.end();
  await rm(directory, { recursive: true, force: true });
});

/** What the real program says through HTTP, without its headers. */
async function real(
  path: string,
  protocol: string,
  body?: Buffer,
): Promise<Buffer> {
  const child = spawn('git', ['http-backend'], {
    env: {
      ...gitEnvironment(),
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: protocol,
      REQUEST_METHOD: body ? 'POST' : 'GET',
      PATH_INFO: path,
      QUERY_STRING: 'service=git-upload-pack',
      CONTENT_TYPE: 'application/x-git-upload-pack-request',
    },
  });
  child.stdin.end(body ?? '');
  const pieces: Buffer[] = [];
  for await (const piece of child.stdout) pieces.push(piece);
  const output = Buffer.concat(pieces);
  return output.subarray(output.indexOf('\r\n\r\n') + 4);
}

const ask = async (path: string, protocol: string, body?: Buffer) =>
  (
    await answers.answer(
      {
        method: body ? 'POST' : 'GET',
        path,
        service: 'git-upload-pack',
        protocol,
        body,
      },
      repository,
    )
  )?.body.toString();

const request = (...lines: readonly string[]) =>
  Buffer.concat([
    packet('command=ls-refs\n'),
    packet('agent=git/2.39.5'),
    packet('object-format=sha1'),
    packet('delimiter'),
    ...lines.map(packet),
    packet('flush'),
  ]);
const requests = [
  request(),
  request('peel\n', 'symrefs\n'),
  request('peel', 'symrefs', 'unborn', 'ref-prefix HEAD'),
  request('peel\n', 'ref-prefix refs/heads/main\n', 'ref-prefix refs/tags/\n'),
  request('ref-prefix refs/heads/moon\n'),
];

/** What we say to everything that git can be asked, and what git says. */
async function words() {
  const said: { ours: string | undefined; gits: string }[] = [];
  for (const protocol of ['', 'version=2']) {
    said.push({
      ours: await ask('/info/refs', protocol),
      gits: (await real('/info/refs', protocol)).toString(),
    });
  }
  for (const body of requests) {
    said.push({
      ours: await ask('/git-upload-pack', 'version=2', body),
      gits: (await real('/git-upload-pack', 'version=2', body)).toString(),
    });
  }
  return {
    ours: said.map(({ ours }) => ours),
    gits: said.map(({ gits }) => gits),
  };
}

it('is word for word what git says, now and after every change', async () => {
  const commit = { branch: 'main', author, message: 'One', changes: [] };
  const [first] = await repository.write([{ ...commit, tag: 'v1.0.0' }]);
  const startWords = await words();
  expect(startWords.ours).toEqual(startWords.gits);
  await repository.moveReference('refs/heads/main-next', undefined, first);
  await repository.write([{ ...commit, message: 'Two', parent: first }]);
  await git(['tag', '-a', '-m', 'One', 'v1', first], {
    gitDirectory: directory,
    environment: {
      GIT_COMMITTER_NAME: author.name,
      GIT_COMMITTER_EMAIL: author.email,
    },
  });
  const changedWords = await words();
  expect(changedWords.ours).toEqual(changedWords.gits);
  await repository.removeReference('refs/heads/main-next', first);
  await git(['pack-refs', '--all'], { gitDirectory: directory });
  const packedWords = await words();
  expect(packedWords.ours).toEqual(packedWords.gits);
});

it('leaves to git what it does not wholly understand', async () => {
  expect(await ask('/info/refs', '')).toBeUndefined();
  expect(
    await ask('/git-upload-pack', 'version=2', requests[0]),
  ).toBeUndefined();
  await repository.write([
    { branch: 'main', author, message: 'One', changes: [] },
  ]);
  expect(await ask('/info/refs', 'version=1')).toBeUndefined();
  expect(await ask('/git-upload-pack', '', requests[0])).toBeUndefined();
  const others = [
    request('everything\n'),
    requests[0].subarray(0, -4),
    Buffer.from('0014command=ls-refs\n0000'),
    Buffer.concat([
      packet('command=fetch'),
      packet('delimiter'),
      packet('flush'),
    ]),
  ];
  for (const body of others) {
    expect(await ask('/git-upload-pack', 'version=2', body)).toBeUndefined();
  }
});
