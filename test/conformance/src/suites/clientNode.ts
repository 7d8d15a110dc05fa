// SPDX-License-Identifier: Apache-2.0
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import type { V1ConfigMap } from '@kubernetes/client-node';
import type { ApiClient } from '../ApiClient';
import { eventually } from '../eventually';
import { configMap, deployment } from '../objects';

/** `@kubernetes/client-node` as everybody uses it, unmodified. */
export function clientNode(client: () => ApiClient): void {
  describe('@kubernetes/client-node', () => {
    let namespace: string;
    let config: KubeConfig;
    let core: CoreV1Api;

    beforeEach(async () => {
      namespace = await client().newNamespace();
      const { url, caData, token } = client().cluster;
      config = new KubeConfig();
      config.loadFromOptions({
        clusters: [{ name: 'test', server: url, caData }],
        users: [{ name: 'admin', token }],
        contexts: [{ name: 'test', cluster: 'test', user: 'admin' }],
        currentContext: 'test',
      });
      core = config.makeApiClient(CoreV1Api);
    });

    it('creates, reads, patches and deletes', async () => {
      const apps = config.makeApiClient(AppsV1Api);
      const web = { name: 'web', namespace };
      await apps.createNamespacedDeployment({
        namespace,
        body: deployment('web'),
      });
      const patched = await apps.patchNamespacedDeployment(
        { ...web, body: { metadata: { labels: { a: 'b' } } } },
        setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
      );
      expect(patched.metadata?.labels).toEqual({ a: 'b' });
      const scale = await apps.readNamespacedDeploymentScale(web);
      expect(scale.status?.selector).toBe('app=web');
      const { items } = await apps.listNamespacedDeployment({ namespace });
      expect(items.map(({ metadata }) => metadata?.name)).toEqual(['web']);
      const deleted = await apps.deleteNamespacedDeployment(web);
      expect(deleted.status).toBe('Success');
    });

    it('throws what the server says', async () => {
      const reading = core.readNamespacedConfigMap({ name: 'no', namespace });
      await expect(reading).rejects.toBeInstanceOf(ApiException);
      await expect(reading).rejects.toMatchObject({
        code: 404,
        body: expect.stringContaining('configmaps \\"no\\" not found'),
      });
    });

    it('keeps a cache by list and watch', async () => {
      const labelSelector = 'kind=test';
      const body = (name: string, x: string) =>
        configMap(name, { x }, { labels: { kind: 'test' } });
      await core.createNamespacedConfigMap({ namespace, body: body('a', '1') });
      const informer = makeInformer<V1ConfigMap>(
        config,
        `/api/v1/namespaces/${namespace}/configmaps`,
        () => core.listNamespacedConfigMap({ namespace, labelSelector }),
        labelSelector,
      );
      const seen: string[] = [];
      const note =
        (verb: string) =>
        ({ metadata, data }: V1ConfigMap) =>
          seen.push(`${verb} ${metadata?.name}=${data?.x}`);
      informer.on('add', note('add'));
      informer.on('update', note('update'));
      informer.on('delete', note('delete'));
      const until = (count: number) =>
        eventually(
          async () => seen,
          ({ length }) => length >= count,
        );
      await informer.start();
      await until(1);
      await core.createNamespacedConfigMap({ namespace, body: body('b', '2') });
      await until(2);
      await core.replaceNamespacedConfigMap({
        name: 'a',
        namespace,
        body: body('a', '3'),
      });
      await until(3);
      await core.deleteNamespacedConfigMap({ name: 'b', namespace });
      await until(4);
      await informer.stop();
      expect(seen).toEqual(['add a=1', 'add b=2', 'update a=3', 'delete b=2']);
      expect(informer.list().map(({ data }) => data?.x)).toEqual(['3']);
    });
  });
}
