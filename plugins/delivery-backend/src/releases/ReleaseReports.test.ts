// SPDX-License-Identifier: Apache-2.0
import { ConfigReader } from '@backstage/config';
import { createHmac, randomUUID } from 'node:crypto';
import type { ReleaseReport } from '@causeway/plugin-delivery-common';
import {
  EmptyDatabases,
  type DatabaseId,
} from '../database/__testUtils__/EmptyDatabases';
import { DatabaseReleases } from './DatabaseReleases';
import { ReleaseReports, type IncomingReport } from './ReleaseReports';
import { readReleaseSecrets, releaseKey } from '@causeway/plugin-delivery-node';

const databases = EmptyDatabases.create();

jest.setTimeout(60_000);

const secret = 'the-release-secret-of-the-norden-team';
const repository = 'http://forge.example/norden/parcel-vision';
const now = new Date('2026-05-07T14:32:00.000Z');
const report: ReleaseReport = {
  service: 'component:default/parcel-vision',
  repository,
  version: '2.8.1',
  commit: {
    sha: 'a91e2d7'.padEnd(40, '0'),
    message: 'Fix label rotation on belt 4',
    author: 'Mia Lindqvist',
    time: '2026-05-07T13:50:00.000Z',
  },
  images: [
    {
      name: 'registry.norden.example/parcel-vision',
      tag: '2.8.1',
      digest: `sha256:${'a'.repeat(64)}`,
    },
  ],
};

/** Signs as CI does; each option is a way to get it wrong. */
function signed(
  body: object,
  how: {
    secret?: string;
    delivery?: string;
    at?: Date;
    algorithm?: string;
  } = {},
): IncomingReport {
  const raw = Buffer.from(JSON.stringify(body));
  const timestamp = String(Math.floor((how.at ?? now).getTime() / 1000));
  const delivery = how.delivery ?? randomUUID();
  const signature = createHmac('sha256', how.secret ?? secret)
    .update(`${timestamp}.${delivery}.`)
    .update(raw)
    .digest('hex');
  return {
    body: raw,
    timestamp,
    delivery,
    signature: `${how.algorithm ?? 'sha256'}=${signature}`,
  };
}

async function world(engine: DatabaseId) {
  const database = await databases.take(engine);
  const releases = new DatabaseReleases(database);
  let ids = 0;
  const reports = new ReleaseReports({
    secrets: readReleaseSecrets(
      new ConfigReader({
        delivery: {
          releases: {
            secrets: [
              { repository: 'http://forge.example/norden/*', secret },
              { repository: 'http://forge.example/other/*', secret: 'other' },
            ],
          },
        },
      }),
    ),
    services: {
      find: async ref =>
        ref === report.service
          ? {
              ref,
              title: 'parcel-vision',
              owners: [],
              source: `${repository}/src/branch/main/`,
            }
          : undefined,
      withPipelines: async () => [],
    },
    pipelines: { get: async () => undefined },
    releases,
    validate: value =>
      typeof value === 'object' && value !== null && 'version' in value
        ? { value: value as ReleaseReport }
        : { problems: [{ message: 'no version' }] },
    clock: () => now,
    newId: () => `release-${++ids}`,
  });
  const count = async () => (await releases.list(report.service, 10)).length;
  return { reports, releases, count };
}

const other = (change: object) => ({ ...report, ...change });

describe.each(databases.eachSupportedId())('ReleaseReports on %s', engine => {
  it('records a signed report once and tells its listeners', async () => {
    const { reports, releases } = await world(engine);
    const told: string[] = [];
    releases.subscribe(change => told.push(change.release));
    const answer = await reports.receive(signed(report));
    expect(answer).toMatchObject({
      kind: 'recorded',
      release: { id: 'release-1' },
    });
    expect(told).toEqual(['release-1']);
    const [digest] = report.images.map(image => image.digest);
    expect(await releases.findByDigest(report.service, digest)).toMatchObject({
      version: '2.8.1',
    });
    expect(await releases.findByVersion(report.service, '2.8.1')).toMatchObject(
      { id: 'release-1', reportedAt: now.toISOString() },
    );
    expect(await releases.findByDigest(report.service, '%')).toBeUndefined();
  });

  it('takes what is signed with the own key of the repository, and of no other', async () => {
    const { reports } = await world(engine);
    const own = releaseKey(secret, `${repository}.git`);
    const others = releaseKey(secret, 'http://forge.example/norden/other');
    expect(
      await reports.receive(signed(report, { secret: others })),
    ).toMatchObject({ code: 'badSignature' });
    expect(
      await reports.receive(signed(report, { secret: own })),
    ).toMatchObject({ kind: 'recorded' });
  });

  it.each<[string, IncomingReport]>([
    ['a wrong secret', signed(report, { secret: 'guessed' })],
    ["another team's secret", signed(report, { secret: 'other' })],
    ['an empty secret', signed(report, { secret: '' })],
    ['a changed body', { ...signed(report), body: Buffer.from('{}') }],
    ['another timestamp', { ...signed(report), timestamp: '1' }],
    ['another delivery', { ...signed(report), delivery: 'x' }],
    ['another algorithm', signed(report, { algorithm: 'sha1' })],
    ['no signature', { ...signed(report), signature: '' }],
    ['a body that is not JSON', { ...signed(report), body: Buffer.from('[') }],
    [
      'a repository without a secret',
      signed(other({ repository: 'http://forge.example/norden/a/b' })),
    ],
  ])('answers %s with the same words', async (_what, incoming) => {
    const { reports, count } = await world(engine);
    const [answer, unsigned] = [
      await reports.receive(incoming),
      await reports.receive({ ...signed(report), signature: 'nonsense' }),
    ];
    expect(answer).toMatchObject({ kind: 'refused', code: 'badSignature' });
    expect(answer).toEqual(unsigned);
    expect(await count()).toBe(0);
  });

  it.each([-301_000, 301_000])(
    'refuses a report signed %d ms from now',
    async distance => {
      const { reports, count } = await world(engine);
      const at = new Date(now.getTime() + distance);
      expect(await reports.receive(signed(report, { at }))).toMatchObject({
        code: 'staleReport',
      });
      expect(await count()).toBe(0);
    },
  );

  it('answers the same delivery the same, and refuses its id for another report', async () => {
    const { reports, count } = await world(engine);
    const first = await reports.receive(signed(report, { delivery: 'd1' }));
    const later = new Date(now.getTime() - 60_000);
    expect(
      await reports.receive(signed(report, { delivery: 'd1', at: later })),
    ).toEqual({ ...first, kind: 'repeated' });
    expect(
      await reports.receive(
        signed(other({ version: '2.8.2' }), { delivery: 'd1' }),
      ),
    ).toMatchObject({ kind: 'refused', code: 'deliveryReused' });
    expect(await count()).toBe(1);
  });

  it('never replaces a version, and takes the same one again quietly', async () => {
    const { reports, releases } = await world(engine);
    const first = await reports.receive(signed(report));
    expect(await reports.receive(signed(report))).toEqual({
      ...first,
      kind: 'repeated',
    });
    const digest = `sha256:${'b'.repeat(64)}`;
    expect(
      await reports.receive(
        signed(other({ images: [{ ...report.images[0], digest }] })),
      ),
    ).toMatchObject({ kind: 'refused', code: 'releaseExists' });
    expect(await releases.findByDigest(report.service, digest)).toBeUndefined();
  });

  it('records one release when the same version comes many times at once', async () => {
    const { reports, count } = await world(engine);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => reports.receive(signed(report))),
    );
    expect(answers.filter(answer => answer.kind === 'recorded')).toHaveLength(
      1,
    );
    expect(await count()).toBe(1);
  });

  it.each<[string, object, string]>([
    ['is not known', { service: 'component:default/none' }, 'unknownService'],
    ['is not named by a ref', { service: '::' }, 'unknownService'],
    [
      'lives in another repository',
      { repository: 'http://forge.example/norden/parcel' },
      'wrongRepository',
    ],
    ['has a version of no shape', { version: undefined }, 'badReport'],
  ])('refuses a report whose service %s', async (_what, change, code) => {
    const { reports, count } = await world(engine);
    expect(await reports.receive(signed(other(change)))).toMatchObject({
      kind: 'refused',
      code,
    });
    expect(await count()).toBe(0);
  });
});
