// SPDX-License-Identifier: Apache-2.0
import type { ApiClient } from '../ApiClient';
import { configMap } from '../objects';

/** Versions are opaque to clients; the suite may know that they are numbers. */
const number = (version: string) => BigInt(version);

export function resourceVersions(client: () => ApiClient): void {
  describe('resource versions', () => {
    let api: ApiClient;
    let maps: string;

    beforeEach(async () => {
      api = client();
      maps = `/api/v1/namespaces/${await api.newNamespace()}/configmaps`;
    });

    it('rise with every write, over all kinds', async () => {
      const first = (await api.post(maps, configMap('a'))).body.metadata;
      const second = (await api.post(maps, configMap('b'))).body.metadata;
      const changed = await api.patch(`${maps}/a`, 'merge', {
        data: { x: '1' },
      });
      expect(number(second.resourceVersion)).toBeGreaterThan(
        number(first.resourceVersion),
      );
      expect(number(changed.body.metadata.resourceVersion)).toBeGreaterThan(
        number(second.resourceVersion),
      );
      const list = (await api.get(maps)).body.metadata;
      expect(number(list.resourceVersion)).toBeGreaterThanOrEqual(
        number(changed.body.metadata.resourceVersion),
      );
    });

    it('stay when a write changes nothing', async () => {
      const { body } = await api.post(maps, configMap('a', { x: '1' }));
      const patched = await api.patch(`${maps}/a`, 'merge', {
        data: { x: '1' },
      });
      const replaced = await api.put(`${maps}/a`, configMap('a', { x: '1' }));
      for (const answer of [patched, replaced]) {
        expect(answer.code).toBe(200);
        expect(answer.body.metadata.resourceVersion).toBe(
          body.metadata.resourceVersion,
        );
      }
    });

    it('list exactly what was there, or something newer', async () => {
      const { body } = await api.post(
        maps,
        configMap('a', { x: 'old' }, { labels: { kind: 'test' } }),
      );
      const { resourceVersion } = body.metadata;
      await api.patch(`${maps}/a`, 'merge', { data: { x: 'new' } });
      const valueAt = async (query: string) => {
        const answer = await api.get(`${maps}?labelSelector=kind&${query}`);
        expect(answer.code).toBe(200);
        return answer.body.items?.[0].data;
      };
      const at = `resourceVersion=${resourceVersion}`;
      expect(await valueAt(`${at}&resourceVersionMatch=Exact`)).toEqual({
        x: 'old',
      });
      expect(await valueAt(`${at}&limit=5`)).toEqual({ x: 'old' });
      expect(await valueAt('')).toEqual({ x: 'new' });
    });

    it('may list any state for version 0, which is at most as new as the newest', async () => {
      const { code, body } = await api.get(`${maps}?resourceVersion=0`);
      expect(code).toBe(200);
      const newest = (await api.get(maps)).body.metadata.resourceVersion;
      expect(number(body.metadata.resourceVersion)).toBeLessThanOrEqual(
        number(newest),
      );
    });

    it('that do not exist yet are not waited for without end', async () => {
      const { resourceVersion } = (await api.get(maps)).body.metadata;
      const future = number(resourceVersion) + 1_000_000n;
      const { code, body } = await api.get(`${maps}?resourceVersion=${future}`);
      expect(code).toBe(504);
      expect(body).toMatchObject({
        kind: 'Status',
        reason: 'Timeout',
        details: {
          causes: [
            expect.objectContaining({ reason: 'ResourceVersionTooLarge' }),
          ],
        },
      });
    });

    it.each([
      'resourceVersionMatch=Exact',
      'resourceVersionMatch=Exact&resourceVersion=0',
      'resourceVersionMatch=Sometimes&resourceVersion=1',
      'sendInitialEvents=true',
    ])('refuses to list with %s', async query => {
      const { code, body } = await api.get(`${maps}?${query}`);
      expect(code).toBe(422);
      expect(body).toMatchObject({
        reason: 'Invalid',
        details: { group: 'meta.k8s.io', kind: 'ListOptions' },
      });
    });
  });
}
