// SPDX-License-Identifier: Apache-2.0
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import type { Account } from '../forge/accounts';
import { Forge } from '../forge/Forge';
import { Scheduler, systemScheduler } from '../time/Scheduler';
import { ContinuousIntegration } from './ContinuousIntegration';
import { imageDigest } from './Run';
import { nextVersion } from './version';

const mia: Account = {
  id: 1,
  login: 'mia',
  fullName: 'Mia Lindqvist',
  email: 'mia@norden.example',
  role: 'developer',
};

jest.setTimeout(30_000);

describe('nextVersion', () => {
  it.each([
    ['2.7.0\n', [], '2.7.0'],
    ['2.7.0', ['2.7.0'], '2.7.1'],
    ['2.7.0', ['2.7.0', '2.7.9', '2.8.4'], '2.7.10'],
    ['2.8.0', ['2.7.0'], '2.8.0'],
    ['2.9.0-bad', ['2.8.0'], '2.9.0-bad'],
    ['2.9.0-bad', ['2.9.0-bad'], '2.9.1-bad'],
  ])('releases VERSION %j beside %j as %s', (declared, released, version) => {
    expect(nextVersion(declared, released)).toEqual({
      kind: 'version',
      version,
    });
  });

  it.each([[undefined], ['two'], ['2.7'], ['2.7.0-'], ['v2.7.0']])(
    'refuses VERSION %j',
    declared => {
      expect(nextVersion(declared, [])).toMatchObject({ kind: 'refused' });
    },
  );

  it('never gives a version twice', () => {
    const part = fc.nat({ max: 3 });
    const anyVersion = fc.tuple(part, part, part).map(parts => parts.join('.'));
    fc.assert(
      fc.property(anyVersion, fc.array(anyVersion), (declared, released) => {
        const choice = nextVersion(declared, released);
        const version = choice.kind === 'version' ? choice.version : undefined;
        expect(version).toBeDefined();
        expect(released).not.toContain(version);
      }),
    );
  });
});

interface Received {
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

describe('continuous integration', () => {
  let directory: string;
  let forge: Forge;
  let scheduler: Scheduler;
  let portal: Server;
  let received: Received[];
  let answers: number[];
  let ci: ContinuousIntegration | undefined;
  let arrived: () => void;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ci-'));
    scheduler = systemScheduler();
    received = [];
    answers = [];
    arrived = () => undefined;
    portal = createServer(async (request, response) => {
      received.push({ headers: request.headers, body: await text(request) });
      response.statusCode = answers.shift() ?? 201;
      response.end('{}');
      arrived();
    });
    await once(portal.listen(0, '127.0.0.1'), 'listening');
    forge = await Forge.open({
      directory: join(directory, 'forge'),
      accounts: [mia],
      password: 'x',
      clock: scheduler.now,
    });
    await forge.createRepository({
      owner: 'norden',
      name: 'parcel-vision',
      description: '',
      commits: [
        {
          branch: 'main',
          author: {
            name: mia.fullName,
            email: mia.email,
            date: new Date('2026-11-01T08:00:00Z'),
          },
          message: 'Read labels',
          changes: [
            { path: 'VERSION', content: '2.7.0\n' },
            {
              path: 'delivery.yaml',
              content: 'images: [registry.norden.example/parcel-vision]\n',
            },
          ],
          tag: 'v2.7.0',
        },
      ],
    });
  });

  afterEach(async () => {
    await ci?.stop();
    scheduler.stop();
    portal.closeAllConnections();
    portal.close();
    await rm(directory, { recursive: true, force: true });
  });

  const start = async () => {
    ci = await ContinuousIntegration.start({
      forge,
      forgeUrl: 'http://forge.example',
      directory: join(directory, 'ci'),
      scheduler,
      runDuration: 0,
      reports: {
        url: `http://127.0.0.1:${
          (portal.address() as AddressInfo).port
        }/api/delivery/releases`,
        secret: 'shared',
      },
      people: email => (email === mia.email ? 'user:default/mia' : undefined),
      log: () => undefined,
    });
    await ci.catchUp();
    return ci;
  };
  const nextArrival = () =>
    new Promise<void>(resolve => {
      arrived = resolve;
    });
  const reports = async (count: number) => {
    while (received.length < count) {
      await nextArrival();
    }
    return received;
  };
  const push = async (changes: { path: string; content: string }[]) => {
    const repository = forge.repository('norden/parcel-vision');
    if (!repository) throw new Error('The repository was not seeded');
    return forge.moving(repository, mia, async () => {
      const parent = await repository.git.resolve('main');
      const [sha] = await repository.git.write([
        {
          branch: 'main',
          author: forge.signatureOf(mia),
          message: 'Fix label rotation',
          parent,
          changes,
        },
      ]);
      return sha;
    });
  };

  it('reports the history once per start, with the same signed delivery', async () => {
    await start();
    const [first] = await reports(1);
    const {
      'x-causeway-timestamp': timestamp,
      'x-causeway-delivery': delivery,
    } = first.headers;
    expect(first.headers['x-causeway-signature']).toBe(
      `sha256=${createHmac('sha256', 'shared')
        .update(`${timestamp}.${delivery}.${first.body}`)
        .digest('hex')}`,
    );
    expect(JSON.parse(first.body)).toMatchObject({
      service: 'component:default/parcel-vision',
      repository: 'http://forge.example/norden/parcel-vision',
      version: '2.7.0',
      commit: {
        message: 'Read labels',
        authorRef: 'user:default/mia',
        time: '2026-11-01T08:00:00.000Z',
      },
    });
    await ci?.stop();
    await start();
    const [, second] = await reports(2);
    expect(second.body).toBe(first.body);
    expect(second.headers['x-causeway-delivery']).toBe(delivery);
  });

  it('builds a push: version, digest, tag, commit status and report', async () => {
    const running = await start();
    await reports(1);
    const sha = await push([{ path: 'src/label.ts', content: 'rotate();\n' }]);
    const report = JSON.parse((await reports(2))[1].body);
    expect(report).toMatchObject({
      version: '2.7.1',
      commit: { sha },
      images: [
        {
          name: 'registry.norden.example/parcel-vision',
          tag: '2.7.1',
          digest: imageDigest('parcel-vision', '2.7.1', sha),
        },
      ],
      ci: { run: 'parcel-vision-2' },
    });
    expect(report.ci.jobs).toHaveLength(10);
    await running.idle();
    const repository = forge.repository('norden/parcel-vision');
    expect(await repository?.git.resolve('v2.7.1')).toBe(sha);
    expect(
      repository?.statuses
        .filter(status => status.sha === sha)
        .map(({ state }) => state),
    ).toEqual(['pending', 'success']);
  });

  it('fails a run whose VERSION is not a version, and reports nothing', async () => {
    const running = await start();
    await reports(1);
    const sha = await push([{ path: 'VERSION', content: 'soon\n' }]);
    await running.idle();
    expect(running.runs.list()[0]).toMatchObject({
      state: 'failed',
      commit: { sha },
      problem: expect.stringContaining('VERSION'),
    });
    expect(
      forge.repository('norden/parcel-vision')?.latestStatuses(sha)[0].state,
    ).toBe('failure');
    expect(received).toHaveLength(1);
  });

  it('keeps a report while the portal is down and sends it after a restart', async () => {
    await start();
    await reports(1);
    answers = [503];
    await push([{ path: 'a', content: 'a' }]);
    const lost = (await reports(2))[1];
    await ci?.stop();
    await start();
    const again = await reports(4);
    expect(again.slice(2).map(({ body }) => body)).toContain(lost.body);
  });
});
