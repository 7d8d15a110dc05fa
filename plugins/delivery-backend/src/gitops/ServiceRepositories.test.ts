// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { ServiceRepositories } from './ServiceRepositories';
import { GitServer } from './testing/GitServer';

/** Real servers and processes, on machines that may be busy. */
jest.setTimeout(60_000);

let server: GitServer;
let directory: string;
let services: ServiceRepositories;
const shas: string[] = [];
const signal = () => AbortSignal.timeout(60_000);

beforeAll(async () => {
  server = await GitServer.start();
  directory = await mkdtemp(join(tmpdir(), 'causeway-mirrors-'));
  await server.create('norden/parcel-vision', { VERSION: '2.7.0' });
  shas.push(await server.git('norden/parcel-vision', 'rev-parse', 'main'));
  const subjects = [
    'Model v14\n\nBatched inference',
    'Fix label',
    'Offline queue',
  ];
  for (const [index, subject] of subjects.entries()) {
    const files = { VERSION: `2.7.${index + 1}` };
    shas.push(await server.change('norden/parcel-vision', files, subject));
  }
  const gitea = [{ host: server.host, baseUrl: `http://${server.host}` }];
  services = new ServiceRepositories({
    directory,
    integrations: ScmIntegrations.fromConfig(
      new ConfigReader({ integrations: { gitea } }),
    ),
  });
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const between = (from: string, to: string, limit = 20) =>
  services.commitsBetween(
    server.url('norden/parcel-vision'),
    from,
    to,
    limit,
    signal(),
  );

describe('commitsBetween', () => {
  it('lists what is new, newest first', async () => {
    const { commits, more } = await between(shas[0], shas[2]);
    expect(more).toBe(false);
    expect(commits).toEqual([
      {
        sha: shas[2],
        message: 'Fix label',
        author: 'Nils Berg',
        time: expect.stringMatching(/^\d{4}-.*\.000Z$/),
        url: `${server.url('norden/parcel-vision')}/commit/${shas[2]}`,
      },
      expect.objectContaining({
        sha: shas[1],
        message: 'Model v14\n\nBatched inference',
      }),
    ]);
  });

  it('says when there are more than asked for', async () => {
    expect(await between(shas[0], shas[3], 2)).toMatchObject({
      commits: [{ sha: shas[3] }, { sha: shas[2] }],
      more: true,
    });
  });

  it('has nothing to say about going back', async () => {
    expect(await between(shas[3], shas[0])).toEqual({
      commits: [],
      more: false,
    });
  });

  it('asks the remote only for commits it does not have', async () => {
    await between(shas[0], shas[3]);
    const before = server.fetches;
    await between(shas[1], shas[3]);
    expect(server.fetches).toBe(before);
    const later = await server.change(
      'norden/parcel-vision',
      { VERSION: '2.8.0' },
      'Later',
    );
    expect((await between(shas[3], later)).commits).toHaveLength(1);
  });

  it('says which commit does not exist', async () => {
    const unknown = '0'.repeat(40);
    await expect(between(shas[0], unknown)).rejects.toMatchObject({
      name: 'NotFoundError',
      message: expect.stringContaining(unknown),
    });
    await expect(between('--all', shas[0])).rejects.toMatchObject({
      name: 'NotFoundError',
    });
  });

  it('says that the repository can not be read', async () => {
    await expect(
      services.commitsBetween(
        server.url('norden/moon'),
        shas[0],
        shas[1],
        5,
        signal(),
      ),
    ).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
  });
});
