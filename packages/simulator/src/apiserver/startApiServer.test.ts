// SPDX-License-Identifier: Apache-2.0
import { startTestServer } from './testing/startTestServer';
import type { TestServer, TestWatch } from './testing/startTestServer';

const MAPS = '/api/v1/namespaces/default/configmaps';
const map = (name: string) => ({ metadata: { name } });

describe('startApiServer', () => {
  const running: TestServer[] = [];

  async function start(...options: Parameters<typeof startTestServer>) {
    const started = await startTestServer(...options);
    running.push(started);
    return started;
  }

  async function watchMaps(
    { open }: TestServer,
    query = '',
  ): Promise<TestWatch> {
    return open(`${MAPS}?watch=true${query}`);
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map(({ stop }) => stop()));
  });

  const versionOf = (text: string): string =>
    JSON.parse(text).metadata.resourceVersion;

  describe('over a restart', () => {
    it('never gives out a version twice, and tells clients of before to list again', async () => {
      const day = new Date('2026-11-21T08:00:00Z');
      const before = await start({ clock: () => day });
      for (let index = 0; index < 20; index += 1) {
        await before.call('POST', MAPS, map(`map-${index}`));
      }
      const old = versionOf((await before.call('GET', MAPS)).text);
      await before.stop();

      const later = new Date(day.getTime() + 1);
      const after = await start({ clock: () => later });
      const fresh = versionOf((await after.call('GET', MAPS)).text);
      expect(Number(fresh)).toBeGreaterThan(Number(old));

      const watching = await watchMaps(after, `&resourceVersion=${old}`);
      expect(await watching.next()).toMatchObject({
        type: 'ERROR',
        object: { code: 410 },
      });
      expect(await watching.next()).toBeUndefined();
    });
  });

  it('forgets the oldest changes of a kind, and of that kind only', async () => {
    const { call, open } = await start({ historyLimit: 4 });
    const first = versionOf((await call('POST', MAPS, map('first'))).text);
    for (let index = 0; index < 10; index += 1) {
      await call('POST', MAPS, map(`map-${index}`));
    }
    const maps = await open(`${MAPS}?watch=true&resourceVersion=${first}`);
    expect(await maps.next()).toMatchObject({ object: { code: 410 } });
    const spaces = '/api/v1/namespaces';
    const others = await open(`${spaces}?watch=true&resourceVersion=${first}`);
    await call('POST', spaces, map('new'));
    expect(await others.next()).toMatchObject({
      type: 'ADDED',
      object: { metadata: { name: 'new' } },
    });
    others.close();
  });

  it('sends bookmarks in the interval it is given', async () => {
    const server = await start({ bookmarkInterval: 20 });
    const watching = await watchMaps(server, '&allowWatchBookmarks=true');
    const { text } = await server.call('GET', MAPS);
    expect(await watching.next()).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: versionOf(text) } },
    });
    watching.close();
  });

  it('refuses server-side apply with a sentence that helps', async () => {
    const { call } = await start();
    const apply = 'application/apply-patch+yaml';
    const { code, text } = await call('PATCH', `${MAPS}/a`, map('a'), apply);
    expect(code).toBe(415);
    expect(JSON.parse(text)).toMatchObject({
      reason: 'UnsupportedMediaType',
      message: expect.stringContaining('use client-side apply'),
    });
  });

  it('refuses protobuf with a sentence that helps', async () => {
    const { call } = await start();
    const protobuf = 'application/vnd.kubernetes.protobuf';
    const { code, text } = await call('POST', MAPS, map('a'), protobuf);
    expect(code).toBe(415);
    expect(text).toContain('kubectl apply -f');
  });

  it('hands on what programs of pods answer, and says itself what it could not reach', async () => {
    const { call } = await start({
      podAnswers: (_, pod, { port, path }) =>
        path === '/busy' ? { code: 429, text: `${pod} on ${port}` } : undefined,
    });
    const pods = '/api/v1/namespaces/default/pods';
    await call('POST', pods, {
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'main', image: 'x:1' }] },
    });
    const ask = (name: string, path: string) =>
      call('GET', `${pods}/${name}/proxy${path}`);
    const unreached = await ask('http:a:8080', '/healthz');
    expect(unreached.code).toBe(503);
    expect(JSON.parse(unreached.text)).toMatchObject({ kind: 'Status' });
    const tell = (status: 'True' | 'False') =>
      call(
        'PATCH',
        `${pods}/a/status`,
        {
          status: { phase: 'Running', conditions: [{ type: 'Ready', status }] },
        },
        'application/merge-patch+json',
      );
    await tell('True');
    expect(await ask('http:a:8080', '/healthz')).toEqual({
      code: 200,
      text: 'ok\n',
    });
    expect(await ask('a:8080', '/busy')).toEqual({
      code: 429,
      text: 'a on 8080',
    });
    await tell('False');
    expect(await ask('a', '/')).toEqual({ code: 503, text: 'not ready\n' });
    expect((await ask('http:b:8080', '/')).code).toBe(404);
  });

  it('streams what pods print', async () => {
    async function* printed() {
      yield 'one\n';
      yield 'two\n';
    }
    const asked: unknown[] = [];
    const { call } = await start({
      podLogs: (...question) => {
        asked.push(question);
        return printed();
      },
    });
    await call('POST', '/api/v1/namespaces/default/pods', {
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'main', image: 'x:1' }] },
    });
    const answer = await call(
      'GET',
      '/api/v1/namespaces/default/pods/a/log?tailLines=2&follow=true',
    );
    expect(answer).toEqual({ code: 200, text: 'one\ntwo\n' });
    expect(asked).toEqual([
      [
        'default',
        'a',
        'main',
        {
          follow: true,
          previous: false,
          timestamps: false,
          tailLines: 2,
          sinceSeconds: undefined,
        },
      ],
    ]);
  });

  it('restores objects as a backup holds them', async () => {
    const { server, call, open } = await start();
    const pods = '/api/v1/namespaces/shop/pods';
    const owner = { apiVersion: 'v1', kind: 'Node', name: 'edge-1' };
    const node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'edge-1', uid: '5f0c', resourceVersion: '7' },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'a',
        namespace: 'shop',
        creationTimestamp: '2026-01-01T00:00:00Z',
        ownerReferences: [{ ...owner, uid: '5f0c' }],
      },
      spec: { containers: [{ name: 'main', image: 'x:1' }] },
      status: { phase: 'Running' },
    };
    const watching = await open('/api/v1/pods?watch=true');
    const shop = { name: 'shop' };
    const count = server.restore([
      { apiVersion: 'v1', kind: 'Namespace', metadata: shop },
      node,
      pod,
    ]);
    expect(count).toBe(3);
    expect(await watching.next()).toMatchObject({
      type: 'ADDED',
      object: {
        metadata: pod.metadata,
        spec: { restartPolicy: 'Always' },
        status: { phase: 'Running' },
      },
    });
    watching.close();
    const { text } = await call('GET', '/api/v1/nodes/edge-1');
    expect(JSON.parse(text)).toMatchObject({
      metadata: { uid: '5f0c' },
      status: node.status,
    });
    // The owner is known by its uid, so nothing is collected.
    expect((await call('GET', `${pods}/a`)).code).toBe(200);
    expect(() => server.restore([pod])).toThrow('already exists');
    expect(() => server.restore([{ ...pod, kind: 'Dragon' }])).toThrow(
      'there is no kind Dragon in v1',
    );
  });

  it('reports what it did not foresee, without the body', async () => {
    const reports: string[] = [];
    const { call } = await start({
      report: (message, cause) => reports.push(`${message} ${cause}`),
      podLogs: () => {
        throw new Error('disk on fire');
      },
    });
    await call('POST', '/api/v1/namespaces/default/pods', {
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'main', image: 'x:1' }] },
    });
    const { code, text } = await call(
      'GET',
      '/api/v1/namespaces/default/pods/a/log',
    );
    expect(code).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ reason: 'InternalError' });
    expect(text).not.toContain('disk on fire');
    expect(reports).toEqual([
      expect.stringContaining('GET /api/v1/namespaces/default/pods/a/log'),
    ]);
  });

  describe('with a fault', () => {
    it('is slow, and answers all the same', async () => {
      const { server, call } = await start();
      await server.faults.set({ kind: 'slow', milliseconds: 30 });
      const begun = process.hrtime.bigint();
      expect((await call('GET', MAPS)).code).toBe(200);
      // A lower bound holds on any machine, however busy.
      const taken = Number(process.hrtime.bigint() - begun) / 1e6;
      expect(taken).toBeGreaterThan(25);
    });

    it('hangs: answers and watches wait until it ends', async () => {
      const test = await start();
      const watching = await watchMaps(test);
      await test.server.faults.set({ kind: 'hang', resources: ['configmaps'] });
      let isAnswered = false;
      const waiting = test.call('POST', MAPS, map('late')).then(answer => {
        isAnswered = true;
        return answer;
      });
      // Other resources are not concerned, so this is a way to wait a while.
      await test.call('GET', '/api/v1/pods');
      expect(isAnswered).toBe(false);
      await test.server.faults.clear();
      expect((await waiting).code).toBe(201);
      expect(await watching.next()).toMatchObject({
        type: 'ADDED',
        object: { metadata: { name: 'late' } },
      });
      watching.close();
    });

    it('hangs: open watches fall silent and lose nothing', async () => {
      const test = await start();
      const watching = await watchMaps(test);
      await test.server.faults.set({ kind: 'hang', verbs: ['watch'] });
      await test.call('POST', MAPS, map('a'));
      await test.call('POST', MAPS, map('b'));
      const next = watching.next();
      const first = await Promise.race([next, 'silence']);
      expect(first).toBe('silence');
      await test.server.faults.clear();
      expect(await next).toMatchObject({ object: { metadata: { name: 'a' } } });
      expect(await watching.next()).toMatchObject({
        object: { metadata: { name: 'b' } },
      });
      watching.close();
    });

    it.each([
      [{ kind: 'error' }, 500, 'InternalError'],
      [{ kind: 'error', code: 503 }, 503, 'ServiceUnavailable'],
      [{ kind: 'error', code: 429 }, 429, 'TooManyRequests'],
      [{ kind: 'forbidden' }, 403, 'Forbidden'],
    ] as const)('%j answers %i', async (fault, code, reason) => {
      const { server, call } = await start();
      await server.faults.set(fault);
      const answer = await call('GET', MAPS);
      expect(answer.code).toBe(code);
      expect(JSON.parse(answer.text)).toMatchObject({ reason, code });
      await server.faults.clear();
      expect((await call('GET', MAPS)).code).toBe(200);
    });

    it('concerns only what it names', async () => {
      const { server, call } = await start();
      await server.faults.set({
        kind: 'error',
        verbs: ['list'],
        resources: ['configmaps'],
        namespaces: ['default'],
      });
      expect((await call('GET', MAPS)).code).toBe(500);
      expect((await call('POST', MAPS, map('a'))).code).toBe(201);
      expect((await call('GET', '/api/v1/configmaps')).code).toBe(200);
      expect((await call('GET', '/readyz')).code).toBe(200);
    });

    it('has lost its history: watches end with 410, new ones too', async () => {
      const test = await start();
      const version = versionOf((await test.call('GET', MAPS)).text);
      const open = await watchMaps(test, `&resourceVersion=${version}`);
      await test.server.faults.set({ kind: 'gone' });
      expect(await open.next()).toMatchObject({
        type: 'ERROR',
        object: { code: 410 },
      });
      expect(await open.next()).toBeUndefined();
      const again = await watchMaps(test, `&resourceVersion=${version}`);
      expect(await again.next()).toMatchObject({ object: { code: 410 } });
      expect((await test.call('GET', MAPS)).code).toBe(200);
      await test.server.faults.clear();
    });

    it('cuts connections once, and serves the next', async () => {
      const test = await start();
      const watching = await watchMaps(test);
      await test.server.faults.set({ kind: 'cut' });
      expect(await watching.next()).toBeUndefined();
      expect((await test.call('GET', MAPS)).code).toBe(200);
    });

    it('refuses connections, and listens on the same port again', async () => {
      const test = await start();
      await test.call('POST', MAPS, map('kept'));
      await test.server.faults.set({ kind: 'refuse' });
      await expect(test.call('GET', MAPS)).rejects.toMatchObject({
        code: 'ECONNREFUSED',
      });
      await test.server.faults.clear();
      expect((await test.call('GET', `${MAPS}/kept`)).code).toBe(200);
    });

    it('can be stopped all the same', async () => {
      for (const kind of ['hang', 'refuse'] as const) {
        const test = await startTestServer();
        await test.server.faults.set({ kind });
        await expect(test.stop()).resolves.toBeUndefined();
      }
    });
  });
});
