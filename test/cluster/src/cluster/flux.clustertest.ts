// SPDX-License-Identifier: Apache-2.0
import {
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
} from '@kubernetes/client-node';
import { GitServer, startGitServer } from '../git/gitServer';
import { cloneRepository, WorkingCopy } from '../git/workingCopy';
import type { Cluster } from './Cluster';
import { startCluster } from './startCluster';
import { until } from './until';

jest.setTimeout(600_000);

const NAMESPACE = 'flux-system';
const gitRepositories = {
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  namespace: NAMESPACE,
  plural: 'gitrepositories',
};
const kustomizations = {
  group: 'kustomize.toolkit.fluxcd.io',
  version: 'v1',
  namespace: NAMESPACE,
  plural: 'kustomizations',
};

function manifests(image: string): Record<string, string> {
  return {
    'apps/kustomization.yaml': 'resources: [sorter.yaml]\n',
    'apps/sorter.yaml': JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'sorter', namespace: 'default' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'sorter' } },
        template: {
          metadata: { labels: { app: 'sorter' } },
          spec: { containers: [{ name: 'sorter', image }] },
        },
      },
    }),
  };
}

describe('Flux in the cluster', () => {
  let cluster: Cluster;
  let gitServer: GitServer;
  let fleet: WorkingCopy;
  let objects: CustomObjectsApi;
  let apps: AppsV1Api;
  let core: CoreV1Api;

  beforeAll(async () => {
    [cluster, gitServer] = await Promise.all([
      startCluster({ name: 'flux', nodes: 2, flux: true }),
      startGitServer(),
    ]);
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromFile(cluster.kubeconfigFile);
    objects = kubeConfig.makeApiClient(CustomObjectsApi);
    apps = kubeConfig.makeApiClient(AppsV1Api);
    core = kubeConfig.makeApiClient(CoreV1Api);
    fleet = await cloneRepository(await gitServer.createRepository('fleet'));
  });

  afterAll(async () => {
    await cluster?.stop();
    await gitServer?.stop();
    await fleet?.remove();
  });

  async function imagesWhenRolledOut(): Promise<readonly unknown[]> {
    await until(
      async () => {
        const { metadata, status } = await apps.readNamespacedDeployment({
          name: 'sorter',
          namespace: 'default',
        });
        const seen = status?.observedGeneration === metadata?.generation;
        const { updatedReplicas, readyReplicas, replicas } = status ?? {};
        const counts = [updatedReplicas, readyReplicas, replicas];
        return seen && counts.every(count => count === 2) ? true : undefined;
      },
      { what: 'two ready pods of the newest template' },
    );
    const { items } = await core.listNamespacedPod({
      namespace: 'default',
      labelSelector: 'app=sorter',
    });
    const staying = items.filter(pod => !pod.metadata?.deletionTimestamp);
    return staying.map(pod => pod.spec?.containers[0].image);
  }

  async function appliedRevision(revision: string) {
    return until(
      async () => {
        const { status } = await objects.getNamespacedCustomObject({
          ...kustomizations,
          name: 'fleet',
        });
        return status?.lastAppliedRevision === revision ? status : undefined;
      },
      { what: `${revision} to be applied` },
    );
  }

  it('deploys what is in Git, and a new commit when it is asked to look', async () => {
    const first = await fleet.push('First', manifests('example.test/sorter:1'));
    await objects.createNamespacedCustomObject({
      ...gitRepositories,
      body: {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name: 'fleet' },
        spec: {
          // Long enough that only the annotation can explain the second deployment.
          interval: '1h',
          url: `${gitServer.url}/fleet.git`,
          ref: { branch: 'main' },
        },
      },
    });
    await objects.createNamespacedCustomObject({
      ...kustomizations,
      body: {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { name: 'fleet' },
        spec: {
          interval: '1h',
          path: './apps',
          prune: true,
          sourceRef: { kind: 'GitRepository', name: 'fleet' },
        },
      },
    });
    await appliedRevision(`main@sha1:${first}`);
    expect(await imagesWhenRolledOut()).toEqual([
      'example.test/sorter:1',
      'example.test/sorter:1',
    ]);

    const second = await fleet.push('Next', manifests('example.test/sorter:2'));
    await objects.patchNamespacedCustomObject({
      ...gitRepositories,
      name: 'fleet',
      body: [
        {
          op: 'add',
          path: '/metadata/annotations',
          value: { 'reconcile.fluxcd.io/requestedAt': second },
        },
      ],
    });

    await appliedRevision(`main@sha1:${second}`);
    expect(await imagesWhenRolledOut()).toEqual([
      'example.test/sorter:2',
      'example.test/sorter:2',
    ]);
  });

  it('serves each kind in the versions that both controllers watch', async () => {
    const versions = ['v1', 'v1beta2'];

    const lists = await Promise.all(
      versions.map(version =>
        objects.listClusterCustomObject({
          group: 'source.toolkit.fluxcd.io',
          version,
          plural: 'buckets',
        }),
      ),
    );

    expect(lists.map(list => list.items)).toEqual([[], []]);
  });
});
