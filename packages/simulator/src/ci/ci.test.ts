// SPDX-License-Identifier: Apache-2.0
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import express from 'express';
import fc from 'fast-check';
import type { Account } from '../forge/accounts';
import { Forge } from '../forge/Forge';
import { Scheduler, systemScheduler } from '../time/Scheduler';
import { CiEffects } from './CiEffects';
import { ciRoutes } from './ciRoutes';
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
  readonly path: string;
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
  let releaseId: string | undefined;
  let ci: ContinuousIntegration | undefined;
  let arrived: () => void;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ci-'));
    scheduler = systemScheduler();
    received = [];
    answers = [];
    releaseId = undefined;
    arrived = () => undefined;
    portal = createServer(async (request, response) => {
      received.push({
        path: request.url ?? '',
        headers: request.headers,
        body: await text(request),
      });
      response.statusCode = answers.shift() ?? 201;
      response.end(JSON.stringify({ id: releaseId }));
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

  const start = async (runDuration = 0, evidence?: boolean) => {
    ci = await ContinuousIntegration.start({
      forge,
      forgeUrl: 'http://forge.example',
      directory: join(directory, 'ci'),
      scheduler,
      runDuration,
      reports: {
        url: `http://127.0.0.1:${
          (portal.address() as AddressInfo).port
        }/api/delivery/releases`,
        secret: 'shared',
        evidence,
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

  it('sends what the jobs of a release have left, signed file by file', async () => {
    releaseId = 'release-7';
    await start();
    const [, ...files] = await reports(13);
    const kinds = files.map(
      ({ path }) =>
        /^\/api\/delivery\/releases\/release-7\/evidence\/([a-z0-9-]+)\?name=/.exec(
          path,
        )?.[1],
    );
    expect([...new Set(kinds)].sort()).toEqual([
      'cobertura',
      'cyclonedx',
      'junit',
      'k6-summary',
      'lighthouse',
      'sarif',
    ]);
    for (const { path, headers, body } of files) {
      const [, kind, name] =
        /evidence\/([a-z0-9-]+)\?name=(.*)$/.exec(path) ?? [];
      const checksum = `sha256=${createHash('sha256')
        .update(body)
        .digest('hex')}`;
      expect(headers['x-causeway-checksum']).toBe(checksum);
      expect(headers['x-causeway-signature']).toBe(
        `sha256=${createHmac('sha256', 'shared')
          .update(
            [
              headers['x-causeway-timestamp'],
              'release-7',
              kind,
              name,
              checksum,
            ].join('.'),
          )
          .digest('hex')}`,
      );
    }
  });

  it('sends none of that where nobody wants it', async () => {
    releaseId = 'release-7';
    await start(0, false);
    await reports(1);
    await push([{ path: 'labels.txt', content: 'upside down' }]);
    const paths = (await reports(2)).map(({ path }) => path);
    expect(paths).toEqual(['/api/delivery/releases', '/api/delivery/releases']);
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

  it('fails the job that an effect names, skips what needs it, and recovers', async () => {
    const running = await start();
    await reports(1);
    const elsewhere = running.effects.begin({
      repository: 'norden/label-api',
      fails: 'lint',
    });
    const effect = running.effects.begin({
      repository: 'norden/parcel-vision',
      fails: 'tests',
    });
    const sha = await push([{ path: 'src/label.ts', content: 'turn();\n' }]);
    await running.idle();
    const [failed] = running.runs.list();
    const states = Object.fromEntries(
      failed.jobs.map(({ name, state }) => [name, state]),
    );
    expect(failed).toMatchObject({ state: 'failed', commit: { sha } });
    expect(states).toMatchObject({
      lint: 'passed',
      unit: 'failed',
      integration: 'skipped',
      'build arm64 edge-pi': 'skipped',
      scan: 'skipped',
    });
    const repository = forge.repository('norden/parcel-vision');
    expect(await repository?.git.resolve('v2.7.1')).toBeUndefined();
    expect(repository?.latestStatuses(sha)[0]).toMatchObject({
      state: 'failure',
      description: 'Job unit failed: unit tests failed.',
    });
    effect.end();
    elsewhere.end();
    await push([{ path: 'src/label.ts', content: 'turnBack();\n' }]);
    expect(JSON.parse((await reports(2))[1].body).version).toBe('2.7.1');
  });

  it('fails the same share of commits each time when it is flaky', () => {
    const shas = Array.from({ length: 400 }, (_, index) => `commit ${index}`);
    const failing = () => {
      const effects = new CiEffects();
      effects.begin({ fails: 'integration', flaky: 0.25 });
      return shas.filter(sha => effects.fails('integration', 'any', sha));
    };
    expect(failing()).toEqual(failing());
    expect(failing().length).toBeGreaterThan(60);
    expect(failing().length).toBeLessThan(140);
  });

  it('cancels the run under way when a newer commit comes', async () => {
    const running = await start(60_000);
    await reports(1);
    const first = await push([{ path: 'a', content: 'a' }]);
    const runOf = (sha: string) =>
      running.runs.list().find(run => run.commit.sha === sha);
    while (!runOf(first)?.jobs.some(({ state }) => state === 'running'))
      await scheduler.sleep(5);
    const second = await push([{ path: 'a', content: 'b' }]);
    while (runOf(second) === undefined) await scheduler.sleep(5);
    const cancelled = runOf(first);
    expect(cancelled?.state).toBe('cancelled');
    expect(new Set(cancelled?.jobs.map(({ state }) => state))).toEqual(
      new Set(['cancelled', 'skipped']),
    );
    expect(
      forge.repository('norden/parcel-vision')?.latestStatuses(first)[0].state,
    ).toBe('error');
    // A stop is no cancellation: the second run is done again at the next start.
    await running.stop();
    expect(runOf(second)?.state).toBe('running');
  });

  it('serves runs as JSON and as a page, and their evidence', async () => {
    const running = await start();
    await reports(1);
    const app = express().use(
      '/simulation/ci',
      ciRoutes(() => running.runs.list()),
    );
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const get = (path: string, accept = '*/*') =>
      fetch(
        `http://127.0.0.1:${
          (server.address() as AddressInfo).port
        }/simulation/ci/runs${path}`,
        { headers: { Accept: accept } },
      );
    const [{ id, evidence }] = await (await get('')).json();
    expect(await (await get(`/${id}`)).json()).toMatchObject({
      id,
      state: 'passed',
      evidence,
    });
    const page = await (await get(`/${id}`, 'text/html')).text();
    expect(page).toContain('build arm64 edge-pi');
    expect(page).toContain(`/simulation/ci/runs/${id}/evidence/lint.sarif`);
    for (const { name, mediaType } of evidence) {
      const file = await get(`/${id}/evidence/${name}`);
      expect([file.status, file.headers.get('content-type')]).toEqual([
        200,
        expect.stringContaining(mediaType),
      ]);
    }
    expect((await get(`/${id}/evidence/none`)).status).toBe(404);
    expect((await get('/none')).status).toBe(404);
    server.closeAllConnections();
    server.close();
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
