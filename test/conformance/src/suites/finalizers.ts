// SPDX-License-Identifier: Apache-2.0
import type { ApiClient } from '../ApiClient';
import { configMap } from '../objects';

const FIRST = 'example.dev/first';
const SECOND = 'example.dev/second';

export function finalizers(client: () => ApiClient): void {
  describe('finalizers', () => {
    let api: ApiClient;
    let maps: string;
    let path: string;

    beforeEach(async () => {
      api = client();
      maps = `/api/v1/namespaces/${await api.newNamespace()}/configmaps`;
      path = `${maps}/a`;
    });

    const create = (more: object = {}) =>
      api.post(maps, {
        ...configMap('a', { x: '1' }, { finalizers: [FIRST, SECOND] }),
        ...more,
      });
    const keep = (...left: string[]) =>
      api.patch(path, 'merge', { metadata: { finalizers: left } });

    it('keep a deleted object until the last is taken off', async () => {
      const { body } = await create();
      const watching = await api.watch(
        `${maps}?fieldSelector=metadata.name%3Da&resourceVersion=${body.metadata.resourceVersion}`,
      );
      const marked = await api.delete(path);
      expect(await watching.next()).toEqual({
        type: 'MODIFIED',
        object: marked.body,
      });
      const half = await keep(SECOND);
      expect(await watching.next()).toEqual({
        type: 'MODIFIED',
        object: half.body,
      });
      expect((await api.get(path)).code).toBe(200);
      await keep();
      const gone = await watching.next();
      watching.close();
      expect(gone).toMatchObject({
        type: 'DELETED',
        object: {
          metadata: {
            deletionTimestamp: marked.body.metadata.deletionTimestamp,
          },
        },
      });
      expect((await api.get(path)).code).toBe(404);
    });

    it('do nothing to an object that nobody deletes', async () => {
      await create();
      expect((await keep()).code).toBe(200);
      const { code, body } = await api.get(path);
      expect(code).toBe(200);
      expect(body.metadata).not.toHaveProperty('deletionTimestamp');
    });

    it('let a deletion neither begin again nor be taken back', async () => {
      await create();
      const { body } = await api.delete(path);
      const again = await api.delete(path);
      expect(again.code).toBe(200);
      expect(again.body.metadata).toMatchObject({
        uid: body.metadata.uid,
        deletionTimestamp: body.metadata.deletionTimestamp,
        deletionGracePeriodSeconds: 0,
      });
      const { deletionTimestamp, deletionGracePeriodSeconds, ...metadata } =
        again.body.metadata;
      const put = await api.put(path, { ...again.body, metadata });
      expect(put.code).toBe(200);
      expect(put.body.metadata).toMatchObject({
        deletionTimestamp,
        deletionGracePeriodSeconds,
      });
      const taken = await api.post(maps, configMap('a'));
      expect(taken.code).toBe(409);
      expect(taken.body.reason).toBe('AlreadyExists');
    });

    it('let everything else be changed meanwhile', async () => {
      await create();
      await api.delete(path);
      const changed = await api.patch(path, 'merge', {
        metadata: { labels: { a: 'b' } },
        data: { x: '2' },
      });
      expect(changed.code).toBe(200);
      expect(changed.body.data).toEqual({ x: '2' });
    });

    it('may be given in another order, but not taken twice', async () => {
      await create();
      await api.delete(path);
      const turned = await keep(SECOND, FIRST);
      expect(turned.body.metadata.finalizers).toEqual([SECOND, FIRST]);
      const added = await keep(SECOND, FIRST, 'example.dev/third');
      expect(added.code).toBe(422);
      expect(added.body.reason).toBe('Invalid');
    });

    it.each(['no name', 'example.dev/', 'Example.dev/x/y', '-'])(
      'must have a name: not %j',
      async name => {
        const answer = await api.post(
          maps,
          configMap('a', {}, { finalizers: [name] }),
        );
        expect(answer.code).toBe(422);
        expect(answer.body).toMatchObject({
          reason: 'Invalid',
          details: {
            causes: expect.arrayContaining([
              expect.objectContaining({
                reason: 'FieldValueInvalid',
                field: 'metadata.finalizers',
              }),
            ]),
          },
        });
      },
    );

    it('delete a collection in part', async () => {
      await create();
      await api.post(maps, configMap('b', {}, { labels: { free: 'yes' } }));
      const answer = await api.delete(
        `${maps}?fieldSelector=metadata.name!%3Dkube-root-ca.crt`,
      );
      expect(answer.code).toBe(200);
      expect((await api.get(`${maps}/b`)).code).toBe(404);
      expect(
        (await api.get(path)).body.metadata.deletionTimestamp,
      ).toBeDefined();
      await keep();
      expect((await api.get(path)).code).toBe(404);
    });

    it('and immutable data go together: only the data stay', async () => {
      await create({ immutable: true });
      const changed = await api.patch(path, 'merge', { data: { x: '2' } });
      expect(changed.code).toBe(422);
      expect(changed.body).toMatchObject({
        details: {
          causes: [
            {
              reason: 'FieldValueForbidden',
              field: 'data',
              message: 'Forbidden: field is immutable when `immutable` is set',
            },
          ],
        },
      });
      const undone = await api.patch(path, 'merge', { immutable: false });
      expect(undone.code).toBe(422);
      expect(undone.body).toMatchObject({
        details: { causes: [{ field: 'immutable' }] },
      });
      await api.delete(path);
      expect((await keep()).code).toBe(200);
      expect((await api.get(path)).code).toBe(404);
    });
  });
}
