// SPDX-License-Identifier: Apache-2.0
import type { ApiClient } from '../ApiClient';
import { eventually } from '../eventually';
import { deployment, pod } from '../objects';

export function subresources(client: () => ApiClient): void {
  describe('subresources', () => {
    let api: ApiClient;
    let namespace: string;
    let deployments: string;
    let pods: string;

    beforeEach(async () => {
      api = client();
      namespace = await api.newNamespace();
      deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
      pods = `/api/v1/namespaces/${namespace}/pods`;
    });

    const running = (name: string) =>
      api.patch(`${pods}/${name}/status`, 'merge', {
        status: {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'True' }],
        },
      });

    it('status: written there, and only there', async () => {
      await api.post(pods, pod('a'));
      const path = `${pods}/a`;
      const viaStatus = await api.patch(`${path}/status`, 'merge', {
        spec: { activeDeadlineSeconds: 5 },
        status: { message: 'from status' },
      });
      expect(viaStatus.code).toBe(200);
      expect(viaStatus.body).toMatchObject({
        kind: 'Pod',
        status: { message: 'from status' },
      });
      expect(viaStatus.body.spec).not.toHaveProperty('activeDeadlineSeconds');

      const viaMain = await api.patch(path, 'merge', {
        metadata: { labels: { a: 'b' } },
        status: { message: 'from main' },
      });
      expect(viaMain.body).toMatchObject({
        metadata: { labels: { a: 'b' } },
        status: { message: 'from status' },
      });
      const read = await api.get(`${path}/status`);
      expect(read.body).toMatchObject({ status: { message: 'from status' } });
    });

    it('status: conditions merge by type', async () => {
      await api.post(pods, pod('a'));
      const set = (type: string, status: string) =>
        api.patch(`${pods}/a/status`, 'strategic', {
          status: { conditions: [{ type, status }] },
        });
      await set('Ready', 'False');
      await set('PodScheduled', 'True');
      const { body } = await set('Ready', 'True');
      expect(body.status).toMatchObject({
        conditions: expect.arrayContaining([
          expect.objectContaining({ type: 'Ready', status: 'True' }),
          expect.objectContaining({ type: 'PodScheduled', status: 'True' }),
        ]),
      });
    });

    it('status: refuses an old version', async () => {
      const { body } = await api.post(pods, pod('a'));
      await api.patch(`${pods}/a`, 'merge', {
        metadata: { labels: { a: 'b' } },
      });
      const late = await api.put(`${pods}/a/status`, body);
      expect(late.code).toBe(409);
    });

    it('scale: shows and sets the replicas', async () => {
      await api.post(deployments, deployment('web', { paused: true }));
      const path = `${deployments}/web/scale`;
      const { code, body } = await api.get(path);
      expect(code).toBe(200);
      expect(body).toMatchObject({
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        metadata: { name: 'web', namespace },
        status: { replicas: 0, selector: 'app=web' },
      });
      const patched = await api.patch(path, 'merge', { spec: { replicas: 2 } });
      expect(patched.body).toMatchObject({
        kind: 'Scale',
        spec: { replicas: 2 },
      });

      const { metadata } = (await api.get(path)).body;
      const replaced = await api.put(path, {
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        metadata: { name: 'web', namespace, uid: metadata.uid },
        spec: { replicas: 3 },
      });
      expect(replaced.body.spec).toEqual({ replicas: 3 });
      const whole = await api.get(`${deployments}/web`);
      expect(whole.body).toMatchObject({ spec: { replicas: 3 } });
      expect(whole.body.metadata.generation).toBe(3);

      const negative = await api.patch(path, 'merge', {
        spec: { replicas: -1 },
      });
      expect(negative.code).toBe(422);
    });

    it('scale: checks a version it is given', async () => {
      const created = await api.post(deployments, deployment('web'));
      await api.patch(`${deployments}/web`, 'merge', {
        spec: { paused: true },
      });
      const { resourceVersion } = created.body.metadata;
      const late = await api.put(`${deployments}/web/scale`, {
        metadata: { name: 'web', namespace, resourceVersion },
        spec: { replicas: 3 },
      });
      expect(late.code).toBe(409);
    });

    it('eviction: deletes a pod', async () => {
      await api.post(pods, pod('a'));
      const answer = await evict('a');
      expect(answer.code).toBe(201);
      expect(answer.body).toMatchObject({ kind: 'Status', status: 'Success' });
      expect((await api.get(`${pods}/a`)).code).toBe(404);
    });

    it('eviction: respects a disruption budget', async () => {
      const labels = { labels: { app: 'guarded' } };
      await api.post(
        `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`,
        {
          metadata: { name: 'guard' },
          spec: {
            minAvailable: 1,
            selector: { matchLabels: { app: 'guarded' } },
          },
        },
      );
      await api.post(pods, pod('a', labels));
      await running('a');
      const refused = await evict('a');
      expect(refused.code).toBe(429);
      expect(refused.body).toMatchObject({
        kind: 'Status',
        reason: 'TooManyRequests',
        message: expect.stringMatching(/^Cannot evict pod as it would violate/),
        details: { causes: [{ reason: 'DisruptionBudget' }] },
      });

      await api.post(pods, pod('b', labels));
      await running('b');
      await eventually(
        () => evict('a'),
        ({ code }) => code === 201,
      );
      expect((await api.get(`${pods}/a`)).code).toBe(404);
    });

    it('eviction: of a pod that is not there answers 404', async () => {
      expect((await evict('nobody')).code).toBe(404);
    });

    function evict(name: string) {
      return api.post(`${pods}/${name}/eviction`, {
        kind: 'Eviction',
        apiVersion: 'policy/v1',
        metadata: { name, namespace },
      });
    }

    it('binding: puts a pod on a node, once', async () => {
      await api.post(pods, pod('a'));
      const bind = (node: string) =>
        api.post(`${pods}/a/binding`, {
          kind: 'Binding',
          apiVersion: 'v1',
          metadata: { name: 'a', namespace },
          target: { kind: 'Node', apiVersion: 'v1', name: node },
        });
      const bound = await bind('one');
      expect(bound.code).toBe(201);
      expect(bound.body).toMatchObject({ kind: 'Status', status: 'Success' });
      expect((await api.get(`${pods}/a`)).body).toMatchObject({
        spec: { nodeName: 'one' },
        status: {
          conditions: [
            expect.objectContaining({ type: 'PodScheduled', status: 'True' }),
          ],
        },
      });
      expect((await bind('two')).code).toBe(409);
    });

    it('log: needs a container that exists', async () => {
      const containers = [
        { name: 'one', image: 'registry.example/app:1.0.0' },
        { name: 'two', image: 'registry.example/app:1.0.0' },
      ];
      await api.post(pods, pod('a', {}, { containers }));
      const unsaid = await api.get(`${pods}/a/log`);
      expect(unsaid.code).toBe(400);
      expect(unsaid.body.message).toBe(
        'a container name must be specified for pod a, choose one of: [one two]',
      );
      const wrong = await api.get(`${pods}/a/log?container=three`);
      expect(wrong.code).toBe(400);
      expect(wrong.body.message).toBe('container three is not valid for pod a');
    });

    it('of objects that are not there answer 404', async () => {
      for (const path of ['status', 'scale']) {
        const { code, body } = await api.get(`${deployments}/web/${path}`);
        expect(code).toBe(404);
        expect(body).toMatchObject({ reason: 'NotFound' });
      }
    });
  });
}
