// SPDX-License-Identifier: Apache-2.0
import type { Answer, ApiClient } from '../ApiClient';
import { configMap, deployment } from '../objects';

const WRITERS = 8;

const times = <T>(count: number, make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

const codesOf = (answers: readonly Answer[]) =>
  answers.map(({ code }) => code).sort();

/** One `winner`, and `loser` for all others. */
const oneOf = (winner: number, loser: number) => [
  winner,
  ...Array.from({ length: WRITERS - 1 }, () => loser),
];

export function concurrentWriters(client: () => ApiClient): void {
  describe('writers at the same time', () => {
    let api: ApiClient;
    let namespace: string;
    let maps: string;

    beforeEach(async () => {
      api = client();
      namespace = await api.newNamespace();
      maps = `/api/v1/namespaces/${namespace}/configmaps`;
    });

    it('create a name once', async () => {
      const answers = await times(WRITERS, index =>
        api.post(maps, configMap('a', { writer: String(index) })),
      );
      expect(codesOf(answers)).toEqual(oneOf(201, 409));
      const winner = answers.find(({ code }) => code === 201);
      expect((await api.get(`${maps}/a`)).body.data).toEqual(winner?.body.data);
    });

    const writeAs = {
      put: (data: Readonly<Record<string, string>>, resourceVersion: string) =>
        api.put(`${maps}/a`, configMap('a', data, { resourceVersion })),
      patch: (data: object, resourceVersion: string) =>
        api.patch(`${maps}/a`, 'merge', {
          metadata: { resourceVersion },
          data,
        }),
    };

    it.each(['put', 'patch'] as const)(
      'change what they all read once, by %s',
      async method => {
        async function compete(round: number, version: string) {
          const answers = await times(WRITERS, index =>
            writeAs[method]({ writer: `${round} ${index}` }, version),
          );
          expect(codesOf(answers)).toEqual(oneOf(200, 409));
          const losers = answers.filter(({ code }) => code === 409);
          expect(losers.map(({ body }) => body.reason)).toEqual(
            losers.map(() => 'Conflict'),
          );
          const winner = answers.find(({ code }) => code === 200);
          const { body } = await api.get(`${maps}/a`);
          expect(body.data).toEqual(winner?.body.data);
          return body.metadata.resourceVersion;
        }
        const { body } = await api.post(maps, configMap('a'));
        let version = body.metadata.resourceVersion;
        for (let round = 0; round < 5; round += 1) {
          version = await compete(round, version);
        }
      },
    );

    it('count together when those who lose read again', async () => {
      await api.post(maps, configMap('counter', { count: '0' }));
      const path = `${maps}/counter`;
      const countOf = ({ body: { data } }: Answer) =>
        typeof data === 'object' && data !== null && 'count' in data
          ? Number(data.count)
          : NaN;
      async function increment(): Promise<number> {
        const read = await api.get(path);
        const data = { count: String(countOf(read) + 1) };
        const { code } = await api.put(path, { ...read.body, data });
        return code === 409 ? increment() : code;
      }
      const codes = await times(WRITERS, async () => {
        const own: number[] = [];
        for (let turn = 0; turn < 5; turn += 1) own.push(await increment());
        return own;
      });
      expect(new Set(codes.flat())).toEqual(new Set([200]));
      expect(countOf(await api.get(path))).toBe(WRITERS * 5);
    });

    it('lose none of their patches of different fields', async () => {
      await api.post(maps, configMap('a'));
      const patched = await times(4, index =>
        api.patch(`${maps}/a`, 'merge', { data: { [`w${index}`]: 'x' } }),
      );
      expect(codesOf(patched)).toEqual([200, 200, 200, 200]);
      expect((await api.get(`${maps}/a`)).body.data).toEqual({
        w0: 'x',
        w1: 'x',
        w2: 'x',
        w3: 'x',
      });
    });

    it('take an object away or change it, not both', async () => {
      for (let round = 0; round < 5; round += 1) {
        const name = `map-${round}`;
        const { body } = await api.post(maps, configMap(name));
        const { resourceVersion } = body.metadata;
        const [removed, changed] = await Promise.all([
          api.delete(`${maps}/${name}`, { preconditions: { resourceVersion } }),
          api.put(
            `${maps}/${name}`,
            configMap(name, { x: '1' }, { resourceVersion }),
          ),
        ]);
        const won = [removed, changed].filter(({ code }) => code === 200);
        expect(won).toHaveLength(1);
        const { code } = await api.get(`${maps}/${name}`);
        expect(code).toBe(removed.code === 200 ? 404 : 200);
      }
    });

    it('of specification and status meet in one version', async () => {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
      const { body } = await api.post(path, deployment('web'));
      const changed = await api.put(`${path}/web`, {
        ...body,
        metadata: { ...body.metadata, labels: { a: 'b' } },
      });
      // Its controller may have written the status in between.
      expect([200, 409]).toContain(changed.code);
      const late = await api.put(`${path}/web/status`, {
        ...body,
        metadata: { ...body.metadata, resourceVersion: '1' },
        status: { observedGeneration: 7 },
      });
      expect(late.code).toBe(409);
      expect(late.body).toMatchObject({
        reason: 'Conflict',
        details: { group: 'apps', kind: 'deployments', name: 'web' },
      });
    });
  });
}
