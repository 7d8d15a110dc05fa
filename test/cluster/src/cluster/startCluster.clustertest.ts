// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { AddressInfo, createServer } from 'node:net';
import { dirname } from 'node:path';
import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  V1Deployment,
  VersionApi,
} from '@kubernetes/client-node';
import type { Cluster } from './Cluster';
import { startCluster } from './startCluster';
import { until } from './until';

jest.setTimeout(600_000);

function connect(cluster: Cluster): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(cluster.kubeconfigFile);
  return kubeConfig;
}

function deployment(name: string, replicas: number): V1Deployment {
  const labels = { app: name };
  return {
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name, image: 'example.test/parcel:1' }] },
      },
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a cluster with nodes', () => {
  let cluster: Cluster;
  let core: CoreV1Api;

  beforeAll(async () => {
    cluster = await startCluster({
      name: 'smoke',
      nodes: [
        { name: 'hub-1', labels: { site: 'lyon' } },
        { name: 'hub-2', architecture: 'amd64' },
      ],
      nodeMonitorGracePeriod: 8,
    });
    core = connect(cluster).makeApiClient(CoreV1Api);
  });

  afterAll(() => cluster?.stop());

  it('brings a Deployment to ready pods on its nodes', async () => {
    const apps = connect(cluster).makeApiClient(AppsV1Api);
    await apps.createNamespacedDeployment({
      namespace: 'default',
      body: deployment('sorter', 3),
    });

    const ready = await until(
      async () => {
        const { status } = await apps.readNamespacedDeployment({
          namespace: 'default',
          name: 'sorter',
        });
        return status?.readyReplicas === 3 ? status : undefined;
      },
      { what: 'three ready pods' },
    );
    const { items: pods } = await core.listNamespacedPod({
      namespace: 'default',
      labelSelector: 'app=sorter',
    });

    expect(ready.updatedReplicas).toBe(3);
    expect(pods.map(pod => pod.status?.phase)).toEqual(
      Array(3).fill('Running'),
    );
    expect(['hub-1', 'hub-2']).toEqual(
      expect.arrayContaining(pods.map(pod => pod.spec?.nodeName)),
    );
  });

  it('keeps what the fake nodes say about themselves', async () => {
    const first = await core.readNode({ name: 'hub-1' });
    const second = await core.readNode({ name: 'hub-2' });

    expect(first.metadata?.labels).toMatchObject({ site: 'lyon' });
    expect(first.status?.nodeInfo?.architecture).toBe('arm64');
    expect(second.status?.nodeInfo?.architecture).toBe('amd64');
  });

  it('notices that a node has gone silent', async () => {
    await core.patchNode({
      name: 'hub-2',
      body: [{ op: 'remove', path: '/metadata/labels/type' }],
    });

    const taint = await until(
      async () => {
        const { spec } = await core.readNode({ name: 'hub-2' });
        return spec?.taints?.find(({ effect }) => effect === 'NoSchedule');
      },
      { what: 'the silent node to be tainted' },
    );

    expect(taint.key).toBe('node.kubernetes.io/unreachable');
  });

  it('forgets history when compacted, so that old continuations are gone', async () => {
    const page = await core.listNamespacedPod({
      namespace: 'default',
      limit: 1,
    });
    await core.createNamespace({ body: { metadata: { name: 'later' } } });
    await cluster.compact();

    const refusal = await until(
      () =>
        core
          .listNamespacedPod({
            namespace: 'default',
            limit: 1,
            _continue: page.metadata?._continue,
          })
          .then(
            () => undefined,
            (error: unknown) => error,
          ),
      { what: 'the continuation to be refused' },
    );

    expect(refusal).toMatchObject({ code: 410 });
  });

  it('tells its version', async () => {
    const { gitVersion } = await connect(cluster)
      .makeApiClient(VersionApi)
      .getCode();

    expect(gitVersion).toBe('v1.36.3');
  });
});

describe('the life of a cluster', () => {
  it('leaves neither processes nor files when it is stopped', async () => {
    const cluster = await startCluster();
    const folder = dirname(cluster.kubeconfigFile);
    const pids = cluster.processes.map(({ pid }) => pid);
    expect(pids.map(isRunning)).toEqual(pids.map(() => true));
    expect(existsSync(folder)).toBe(true);

    await cluster.stop();
    await cluster.stop();

    expect(pids.map(isRunning)).toEqual(pids.map(() => false));
    expect(existsSync(folder)).toBe(false);
  });

  it('gives up with the reason when a port stays taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;

    const start = startCluster({
      // The last of two equal flags counts, so choosing other ports does not help.
      extraArguments: { 'kube-apiserver': [`--secure-port=${port}`] },
    });

    await expect(start).rejects.toThrow('address already in use');
    taken.close();
  });

  it('says which server failed and why', async () => {
    const start = startCluster({
      extraArguments: { 'kube-controller-manager': ['--no-such-flag'] },
    });

    await expect(start).rejects.toThrow(
      /kube-controller-manager ended with code 1:\n[^]*no-such-flag/,
    );
  });
});
