// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { request } from 'node:https';
import { startTestServer } from '../testing/startTestServer';
import type { TestServer, Way } from '../testing/startTestServer';
import type { FaultScope } from './Fault';
import { parseFault } from './parseFault';
import { isInScope } from './scope';

const MAPS = '/api/v1/namespaces/default/configmaps';
const map = (name: string) => ({ metadata: { name } });

describe('a fault', () => {
  const target = {
    verb: 'list',
    path: MAPS,
    resource: 'configmaps',
    namespace: 'default',
  };

  it.each<[FaultScope, boolean]>([
    [{}, true],
    [{ verbs: ['list'], resources: ['configmaps'] }, true],
    [{ verbs: ['get'] }, false],
    [{ resources: ['config*'] }, true],
    [{ resources: ['config'] }, false],
    [{ namespaces: ['kube-*'] }, false],
    [{ paths: ['/api'] }, true],
    [{ paths: ['/api/v1/'] }, true],
    [{ paths: ['/api/v'] }, false],
    [{ paths: [MAPS] }, true],
    [{ paths: [`${MAPS}/a`] }, false],
    [{ paths: ['/api/v1/namespaces/*/configmaps'] }, true],
    [{ paths: ['/api/*/configmaps'] }, false],
    [{ paths: ['/apis', '**/configmaps'] }, true],
    [{ paths: ['/api/v1.namespaces/**'] }, false],
    [{ paths: ['/api'], verbs: ['watch'] }, false],
  ])('with the scope %j covers a list: %s', (scope, expected) => {
    expect(isInScope(scope, target)).toBe(expected);
  });

  it.each([
    ['slow', 'A fault is a JSON object with a kind'],
    [[], 'A fault is a JSON object with a kind'],
    [
      { kind: 'sad' },
      'kind must be one of slow, hang, error, forbidden, malformed, gone, cut, refuse, not "sad"',
    ],
    [
      { kind: 'hang', code: 500 },
      'A fault of kind hang has no code; it takes verbs, resources, namespaces, paths, share, seed',
    ],
    [
      { kind: 'refuse', verbs: ['list'] },
      'A fault of kind refuse has no verbs; it takes no other fields',
    ],
    [
      { kind: 'slow', milliseconds: -1 },
      'milliseconds must be a number of at least 1 and at most 86400000, not -1',
    ],
    [
      { kind: 'error', code: '500' },
      'code must be a number of at least 400 and at most 599, not "500"',
    ],
    [
      { kind: 'cut', afterEvents: 1.5 },
      'afterEvents must be a whole number, not 1.5',
    ],
    [
      { kind: 'hang', share: 0 },
      'share must be a number of above 0 and at most 1, not 0',
    ],
    [
      { kind: 'hang', verbs: 'list' },
      'verbs must be a list of texts, not empty',
    ],
    [
      { kind: 'hang', paths: ['api'] },
      'paths must begin with / or *, not "api"',
    ],
  ])('%j is refused: %s', (given, message) => {
    expect(() => parseFault(given)).toThrow(message);
  });
});

describe.each<Way>(['port', 'process'])('a server with faults, by %s', way => {
  let test: TestServer;

  beforeAll(async () => {
    test = await startTestServer({}, way);
    await test.call('POST', MAPS, map('kept'));
  });
  afterEach(() => test.server.faults.clear());
  afterAll(() => test.stop());

  const codeOf = async (path: string) => (await test.call('GET', path)).code;

  async function codes(count: number): Promise<number[]> {
    const found: number[] = [];
    for (let index = 0; index < count; index += 1) {
      found.push(await codeOf(MAPS));
    }
    return found;
  }

  it('meets a share of the requests, the same ones for the same seed', async () => {
    const fault = { kind: 'error', code: 503, share: 0.3 } as const;
    const runs: number[][] = [];
    for (const seed of [7, 7, 8]) {
      await test.server.faults.set({ ...fault, seed });
      runs.push(await codes(60));
    }
    const [first, again, other] = runs;
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    const met = first.filter(code => code === 503).length;
    expect(met).toBeGreaterThan(8);
    expect(met).toBeLessThan(30);
  });

  it('meets the same share whatever others ask meanwhile', async () => {
    const fault = { kind: 'error', share: 0.5, seed: 3 } as const;
    await test.server.faults.set(fault);
    const alone = await codes(20);
    await test.server.faults.set(fault);
    const others = Array.from({ length: 20 }, () => codeOf('/api/v1/nodes'));
    expect(await codes(20)).toEqual(alone);
    await Promise.all(others);
  });

  it('has several at once; the delays come first, then the oldest refusal', async () => {
    const { faults } = test.server;
    const error = await faults.add({ kind: 'error', code: 503 });
    const forbidden = await faults.add({ kind: 'forbidden', verbs: ['list'] });
    const hang = await faults.add({ kind: 'hang', verbs: ['list'] });
    expect(faults.active.map(({ id }) => id)).toEqual([
      error.id,
      forbidden.id,
      hang.id,
    ]);
    const waiting = codeOf(MAPS);
    expect(await codeOf(`${MAPS}/kept`)).toBe(503);
    expect(await faults.remove(error.id)).toBe(true);
    expect(await faults.remove(error.id)).toBe(false);
    expect(await codeOf(`${MAPS}/kept`)).toBe(200);
    await faults.remove(hang.id);
    expect(await waiting).toBe(403);
    await faults.remove(forbidden.id);
    expect(await codeOf(MAPS)).toBe(200);
  });

  it('keeps the port closed until the last fault that refuses is gone', async () => {
    const { faults } = test.server;
    const first = await faults.add({ kind: 'refuse' });
    const second = await faults.add({ kind: 'refuse' });
    await faults.remove(first.id);
    await expect(codeOf(MAPS)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await faults.remove(second.id);
    expect(await codeOf(MAPS)).toBe(200);
  });

  it('ends open watches of what becomes forbidden, and only those', async () => {
    const maps = await test.open(`${MAPS}?watch=true&resourceVersion=0`);
    const pods = await test.open('/api/v1/pods?watch=true');
    await test.server.faults.add({
      kind: 'forbidden',
      resources: ['configmaps'],
    });
    expect(await maps.next()).toMatchObject({ type: 'ADDED' });
    expect(await maps.next()).toBeUndefined();
    expect(await codeOf(`${MAPS}?watch=true`)).toBe(403);
    await test.call('POST', '/api/v1/namespaces/default/pods', {
      metadata: { name: 'seen' },
      spec: { containers: [{ name: 'main', image: 'x:1' }] },
    });
    expect(await pods.next()).toMatchObject({
      object: { metadata: { name: 'seen' } },
    });
    pods.close();
  });

  it('answers JSON that breaks off, and does nothing', async () => {
    await test.server.faults.set({ kind: 'malformed' });
    const { code, text } = await test.call('POST', MAPS, map('never'));
    expect(code).toBe(200);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    await test.server.faults.clear();
    expect(await codeOf(`${MAPS}/never`)).toBe(404);
  });

  it('breaks the lines of a watch while it lasts', async () => {
    const watching = await test.open(`${MAPS}?watch=true`);
    expect(await watching.next()).toMatchObject({ type: 'ADDED' });
    await test.server.faults.set({ kind: 'malformed', verbs: ['watch'] });
    await test.call('POST', MAPS, map('broken'));
    await expect(watching.next()).rejects.toThrow(SyntaxError);
    await test.server.faults.clear();
    await test.call('POST', MAPS, map('whole'));
    expect(await watching.next()).toMatchObject({
      object: { metadata: { name: 'whole' } },
    });
    watching.close();
  });

  it('cuts watches within a line, new ones too', async () => {
    await test.server.faults.set({ kind: 'cut', afterEvents: 1 });
    for (const _attempt of [1, 2]) {
      const watching = await test.open(`${MAPS}?watch=true`);
      expect(await watching.next()).toMatchObject({ type: 'ADDED' });
      await test.call('POST', MAPS, { metadata: { generateName: 'cut-' } });
      // Half a line is no JSON; a reader may also see the end of the stream first.
      const rest = await watching.next().catch((error: Error) => error);
      expect(rest === undefined || rest instanceof SyntaxError).toBe(true);
    }
    expect(await codeOf(MAPS)).toBe(200);
  });

  it('cuts what a scope names, once', async () => {
    const maps = await test.open(`${MAPS}?watch=true&resourceVersion=0`);
    const pods = await test.open('/api/v1/pods?watch=true');
    await test.server.faults.set({ kind: 'cut', resources: ['pods'] });
    expect(test.server.faults.active).toEqual([]);
    expect(await maps.next()).toMatchObject({ type: 'ADDED' });
    await expect(lastOf(pods)).resolves.toBeUndefined();
    maps.close();
  });

  async function lastOf(watching: { next(): Promise<unknown> }) {
    let event = await watching.next();
    while (event) event = await watching.next();
    return event;
  }

  it('has lost the history of what a scope names', async () => {
    const { text } = await test.call('GET', MAPS);
    const { resourceVersion } = JSON.parse(text).metadata;
    await test.call('POST', MAPS, { metadata: { generateName: 'later-' } });
    await test.server.faults.set({ kind: 'gone', resources: ['configmaps'] });
    const exact = `resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`;
    expect(await codeOf(`${MAPS}?${exact}`)).toBe(410);
    expect(await codeOf(`/api/v1/pods?${exact}`)).toBe(200);
    const watching = await test.open(
      `${MAPS}?watch=true&resourceVersion=${resourceVersion}`,
    );
    expect(await watching.next()).toMatchObject({ object: { code: 410 } });
    await test.server.faults.clear();
    expect(await codeOf(`${MAPS}?${exact}`)).toBe(200);
  });
});

it('lets others talk while requests within the process follow each other without pause', async () => {
  const test = await startTestServer({}, 'process');
  let isEnded = false;
  let asked = 0;
  const askOnAndOn = async () => {
    while (!isEnded) {
      await test.call('GET', MAPS);
      asked += 1;
    }
  };
  const asking = Array.from({ length: 20 }, askOnAndOn);
  // Only an event loop that turns gets to a timer and to a port.
  await new Promise(resolve => setTimeout(resolve, 1));
  const port = request(new URL('/livez', test.server.url), {
    rejectUnauthorized: false,
  });
  const answered = once(port, 'response');
  port.end();
  const [response] = await answered;
  response.resume();
  isEnded = true;
  await Promise.all(asking);
  expect(response.statusCode).toBe(200);
  expect(asked).toBeGreaterThan(0);
  await test.stop();
});
