// SPDX-License-Identifier: Apache-2.0
import type { Answer, ApiClient } from '../ApiClient';
import { eventually } from '../eventually';
import { configMap, pod } from '../objects';

const names = ({ body }: Answer) => body.items?.map(item => item.metadata.name);
const at = (version: string) => `resourceVersion=${version}`;

/** How lists match versions, and what becomes of versions that are forgotten. */
export function oldVersions(client: () => ApiClient): void {
  describe('old versions', () => {
    let api: ApiClient;
    let pods: string;
    let maps: string;

    beforeEach(async () => {
      api = client();
      const namespace = await api.newNamespace();
      pods = `/api/v1/namespaces/${namespace}/pods`;
      maps = `/api/v1/namespaces/${namespace}/configmaps`;
    });

    const newest = async () =>
      (await api.get(pods)).body.metadata.resourceVersion;
    const add = async (...added: string[]) => {
      for (const name of added) await api.post(pods, pod(name));
      return newest();
    };

    it('are listed exactly, page by page', async () => {
      const version = await add('a', 'b', 'c');
      await add('d');
      await api.delete(`${pods}/b`);
      const first = await api.get(
        `${pods}?limit=2&resourceVersionMatch=Exact&${at(version)}`,
      );
      expect(names(first)).toEqual(['a', 'b']);
      expect(first.body.metadata.resourceVersion).toBe(version);
      const rest = await api.get(
        `${pods}?limit=2&continue=${first.body.metadata.continue}`,
      );
      expect(names(rest)).toEqual(['c']);
      expect(rest.body.metadata).toMatchObject({ resourceVersion: version });
      expect(rest.body.metadata).not.toHaveProperty('continue');
    });

    it.each(['', '&limit=10'])(
      'may be answered by newer ones when asked for at least those%s',
      async limit => {
        const version = await add('a');
        const newer = await add('b');
        const list = await api.get(
          `${pods}?resourceVersionMatch=NotOlderThan&${at(newer)}${limit}`,
        );
        expect(names(list)).toEqual(['a', 'b']);
        const older = await api.get(
          `${pods}?resourceVersionMatch=NotOlderThan&${at(version)}${limit}`,
        );
        expect(names(older)).toEqual(expect.arrayContaining(['a']));
        expect(
          BigInt(older.body.metadata.resourceVersion),
        ).toBeGreaterThanOrEqual(BigInt(version));
      },
    );

    it('of the future are not there', async () => {
      const future = BigInt(await newest()) + 1_000_000n;
      const list = await api.get(
        `${pods}?resourceVersionMatch=Exact&${at(String(future))}`,
      );
      expect(list.code).toBe(504);
      expect(list.body).toMatchObject({ reason: 'Timeout' });
    });

    it('do not go with a continued list', async () => {
      await add('a', 'b');
      const first = await api.get(`${pods}?limit=1`);
      const { continue: token, resourceVersion } = first.body.metadata;
      const both = await api.get(
        `${pods}?limit=1&continue=${token}&${at(resourceVersion)}`,
      );
      expect(both.code).toBe(400);
      const matched = await api.get(
        `${pods}?limit=1&continue=${token}&resourceVersionMatch=Exact&${at(
          resourceVersion,
        )}`,
      );
      expect(matched.code).toBe(422);
      expect(matched.body).toMatchObject({
        details: {
          causes: expect.arrayContaining([
            expect.objectContaining({
              reason: 'FieldValueForbidden',
              field: 'resourceVersionMatch',
            }),
          ]),
        },
      });
    });

    it('that are forgotten are answered with 410', async () => {
      const version = await add('a', 'b');
      await add('c');
      await api.cluster.compact();
      const late = await eventually(
        () => api.get(`${pods}?resourceVersionMatch=Exact&${at(version)}`),
        ({ code }) => code !== 200,
      );
      expect(late.code).toBe(410);
      expect(late.body).toMatchObject({ kind: 'Status', reason: 'Expired' });
      // At least as new as that is no problem.
      const newer = await api.get(
        `${pods}?resourceVersionMatch=NotOlderThan&${at(version)}`,
      );
      expect(names(newer)).toEqual(['a', 'b', 'c']);
    });

    it('of one object are read from 0 on', async () => {
      const { body } = await api.post(maps, configMap('a', { x: '1' }));
      const readAt = (version: string) =>
        eventually(
          () => api.get(`${maps}/a?${at(version)}`),
          ({ code }) => code === 200,
        );
      const { resourceVersion } = body.metadata;
      expect((await readAt('0')).body.data).toEqual({ x: '1' });
      expect((await readAt(resourceVersion)).body.data).toEqual({ x: '1' });
      const future = BigInt(resourceVersion) + 1_000_000n;
      const early = await api.get(`${maps}/a?${at(String(future))}`);
      expect(early.code).toBe(504);
    });
  });
}
