// SPDX-License-Identifier: Apache-2.0
import type { ApiClient, Document } from '../ApiClient';
import { eventually } from '../eventually';
import { configMap, deployment, pod } from '../objects';

export function deletions(client: () => ApiClient): void {
  describe('deleting', () => {
    let api: ApiClient;
    let namespace: string;
    let maps: string;
    let pods: string;

    beforeEach(async () => {
      api = client();
      namespace = await api.newNamespace();
      maps = `/api/v1/namespaces/${namespace}/configmaps`;
      pods = `/api/v1/namespaces/${namespace}/pods`;
    });

    const codeOnceGone = async (path: string) => {
      const answer = await eventually(
        () => api.get(path),
        ({ code }) => code === 404,
      );
      return answer.code;
    };

    it('answers with a Status', async () => {
      const { body } = await api.post(maps, configMap('a'));
      const answer = await api.delete(`${maps}/a`);
      expect(answer.code).toBe(200);
      expect(answer.body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name: 'a', kind: 'configmaps', uid: body.metadata.uid },
      });
      const again = await api.delete(`${maps}/a`);
      expect(again.code).toBe(404);
      expect(again.body).toMatchObject({
        message: 'configmaps "a" not found',
        reason: 'NotFound',
        details: { name: 'a', kind: 'configmaps' },
      });
    });

    it('answers with the object for pods', async () => {
      await api.post(pods, pod('a'));
      const { code, body } = await api.delete(`${pods}/a`);
      expect(code).toBe(200);
      expect(body).toMatchObject({ kind: 'Pod', metadata: { name: 'a' } });
      expect((await api.get(`${pods}/a`)).code).toBe(404);
    });

    it('waits for the kubelet of a pod that has a node, unless forced', async () => {
      await api.post(pods, pod('a', {}, { nodeName: 'somewhere' }));
      const { body } = await api.delete(`${pods}/a?gracePeriodSeconds=300`);
      expect(body.metadata).toMatchObject({
        deletionGracePeriodSeconds: 300,
        deletionTimestamp: expect.any(String),
      });
      expect((await api.get(`${pods}/a`)).code).toBe(200);
      await api.delete(`${pods}/a`, { gracePeriodSeconds: 0 });
      expect((await api.get(`${pods}/a`)).code).toBe(404);
    });

    it('waits for finalizers, and takes no new ones', async () => {
      const finalizers = ['example.dev/wait'];
      await api.post(maps, configMap('a', {}, { finalizers }));
      const marked = await api.delete(`${maps}/a`);
      expect(marked.code).toBe(200);
      expect(marked.body).toMatchObject({
        kind: 'ConfigMap',
        metadata: {
          finalizers,
          deletionTimestamp: expect.any(String),
          deletionGracePeriodSeconds: 0,
        },
      });
      const more = await api.patch(`${maps}/a`, 'merge', {
        metadata: { finalizers: [...finalizers, 'example.dev/more'] },
      });
      expect(more.code).toBe(422);
      expect(more.body).toMatchObject({
        details: {
          // The real server says it twice.
          causes: expect.arrayContaining([
            expect.objectContaining({
              reason: 'FieldValueForbidden',
              field: 'metadata.finalizers',
            }),
          ]),
        },
      });
      const last = await api.patch(`${maps}/a`, 'merge', {
        metadata: { finalizers: null },
      });
      expect(last.code).toBe(200);
      expect((await api.get(`${maps}/a`)).code).toBe(404);
    });

    it('counts as a change of what has a generation', async () => {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
      const body = deployment('web');
      const metadata = { name: 'web', finalizers: ['example.dev/wait'] };
      await api.post(path, { ...body, metadata });
      const marked = await api.delete(`${path}/web`);
      expect(marked.body.metadata.generation).toBe(2);
      await api.patch(`${path}/web`, 'merge', {
        metadata: { finalizers: null },
      });
    });

    it('checks preconditions', async () => {
      const { metadata } = (await api.post(maps, configMap('a'))).body;
      const remove = (preconditions: object) =>
        api.delete(`${maps}/a`, { preconditions });
      const wrongUid = await remove({ uid: 'other' });
      expect(wrongUid.code).toBe(409);
      expect(wrongUid.body).toMatchObject({
        reason: 'Conflict',
        message: `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (other) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
      });
      expect((await remove({ resourceVersion: '1' })).code).toBe(409);
      const { uid, resourceVersion } = metadata;
      expect((await remove({ uid, resourceVersion })).code).toBe(200);
    });

    it('does nothing when it is a dry run', async () => {
      await api.post(maps, configMap('a'));
      const answer = await api.delete(`${maps}/a?dryRun=All`);
      expect(answer.code).toBe(200);
      expect((await api.get(`${maps}/a`)).code).toBe(200);
    });

    it('of a collection takes what is selected', async () => {
      for (const name of ['a', 'b', 'c']) {
        const labels = { remove: name === 'b' ? 'no' : 'yes' };
        await api.post(maps, configMap(name, {}, { labels }));
      }
      const answer = await api.delete(`${maps}?labelSelector=remove%3Dyes`);
      expect(answer.code).toBe(200);
      const left = await api.get(`${maps}?labelSelector=remove`);
      expect(left.body.items?.map(item => item.metadata.name)).toEqual(['b']);
    });

    describe('an owner', () => {
      let owner: Document;

      const ownedBy = ({ metadata: { name, uid } }: Document) => ({
        ownerReferences: [
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            name,
            uid,
            blockOwnerDeletion: true,
          },
        ],
      });

      beforeEach(async () => {
        owner = (await api.post(maps, configMap('owner'))).body;
        await api.post(maps, configMap('owned', {}, ownedBy(owner)));
      });

      it('takes what it owns along, in the background', async () => {
        await api.delete(`${maps}/owner?propagationPolicy=Background`);
        expect((await api.get(`${maps}/owner`)).code).toBe(404);
        expect(await codeOnceGone(`${maps}/owned`)).toBe(404);
      });

      it('goes last, in the foreground', async () => {
        await api.patch(`${maps}/owned`, 'merge', {
          metadata: { finalizers: ['example.dev/wait'] },
        });
        const marked = await api.delete(`${maps}/owner`, {
          propagationPolicy: 'Foreground',
        });
        expect(marked.body.metadata.finalizers).toEqual(['foregroundDeletion']);
        await eventually(
          () => api.get(`${maps}/owned`),
          ({ body }) => body.metadata.deletionTimestamp !== undefined,
        );
        expect((await api.get(`${maps}/owner`)).code).toBe(200);
        await api.patch(`${maps}/owned`, 'merge', {
          metadata: { finalizers: null },
        });
        expect(await codeOnceGone(`${maps}/owner`)).toBe(404);
      });

      it('leaves orphans when asked to', async () => {
        await api.delete(`${maps}/owner`, { propagationPolicy: 'Orphan' });
        expect(await codeOnceGone(`${maps}/owner`)).toBe(404);
        const orphan = await api.get(`${maps}/owned`);
        expect(orphan.code).toBe(200);
        expect(orphan.body.metadata).not.toHaveProperty('ownerReferences');
      });

      it('that never was does not keep anything', async () => {
        const nobody: Document = {
          metadata: {
            name: 'nobody',
            uid: '00000000-0000-4000-8000-000000000000',
            resourceVersion: '',
          },
        };
        await api.post(maps, configMap('stray', {}, ownedBy(nobody)));
        expect(await codeOnceGone(`${maps}/stray`)).toBe(404);
      });

      it('of several is only taken off the list', async () => {
        const second = (await api.post(maps, configMap('second'))).body;
        const ownerReferences = [
          ...ownedBy(owner).ownerReferences,
          ...ownedBy(second).ownerReferences,
        ];
        await api.patch(`${maps}/owned`, 'merge', {
          metadata: { ownerReferences },
        });
        await api.delete(`${maps}/owner`);
        const { body } = await eventually(
          () => api.get(`${maps}/owned`),
          answer => ownersOf(answer.body).length === 1,
        );
        expect(ownersOf(body)).toMatchObject([{ name: 'second' }]);
      });
    });

    it('a namespace empties it first', async () => {
      await api.post(
        maps,
        configMap('a', {}, { finalizers: ['example.dev/wait'] }),
      );
      const path = `/api/v1/namespaces/${namespace}`;
      const { body } = await api.delete(path);
      expect(body).toMatchObject({
        kind: 'Namespace',
        status: { phase: 'Terminating' },
      });
      const late = await api.post(maps, configMap('b'));
      expect(late.code).toBe(403);
      expect(late.body).toMatchObject({
        reason: 'Forbidden',
        details: { causes: [{ reason: 'NamespaceTerminating' }] },
      });
      await eventually(
        () => api.get(`${maps}/a`),
        answer => answer.body.metadata.deletionTimestamp !== undefined,
      );
      expect((await api.get(path)).code).toBe(200);
      await api.patch(`${maps}/a`, 'merge', { metadata: { finalizers: null } });
      expect(await codeOnceGone(path)).toBe(404);
    });
  });
}

function ownersOf({ metadata }: Document): readonly unknown[] {
  const { ownerReferences } = metadata;
  return Array.isArray(ownerReferences) ? ownerReferences : [];
}
