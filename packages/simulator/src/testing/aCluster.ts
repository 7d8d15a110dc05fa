// SPDX-License-Identifier: Apache-2.0
import { KubeConfig } from '@kubernetes/client-node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiServer, startApiServer } from '../apiserver';
import { KubernetesClient } from '../controllers/runtime/KubernetesClient';
import {
  KubernetesObject,
  ObjectName,
  Resource,
} from '../controllers/runtime/resources';
import { certificates } from '../world/certificates';

/** An empty simulated cluster for a test. */
export interface TestCluster {
  readonly api: ApiServer;
  readonly kubeConfig: KubeConfig;
  readonly client: KubernetesClient;
  /** Resolves with the object when it passes the check; every state since the call is looked at. */
  until<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    check: (object: T) => boolean,
  ): Promise<T>;
  /** Every state of all objects of a kind from now on, in order. */
  record<T extends KubernetesObject>(
    resource: Resource<T>,
    onState: (object: T) => void,
  ): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a simulated API server on a free port, without controllers. */
export async function aCluster(): Promise<TestCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'cluster-'));
  const clock = () => new Date();
  const { serving, ca } = await certificates(directory, clock());
  const token = 'a-token-for-tests';
  const api = await startApiServer({
    name: 'test',
    port: 0,
    tls: serving,
    tokens: [{ token, user: 'admin', groups: ['system:masters'] }],
    clock,
  });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromOptions({
    clusters: [
      {
        name: 'test',
        server: api.url,
        caData: Buffer.from(ca).toString('base64'),
      },
    ],
    users: [{ name: 'admin', token }],
    contexts: [{ name: 'test', cluster: 'test', user: 'admin' }],
    currentContext: 'test',
  });
  const client = await KubernetesClient.connect(kubeConfig);
  const stopping = new AbortController();
  const record: TestCluster['record'] = async (resource, onState) => {
    const { items, resourceVersion } = await client.list(resource);
    items.forEach(onState);
    client
      .watch(
        resource,
        resourceVersion,
        ({ type, object }) => type !== 'BOOKMARK' && onState(object),
        stopping.signal,
      )
      .catch(error => {
        if (!stopping.signal.aborted) throw error;
      });
  };
  return {
    api,
    kubeConfig,
    client,
    record,
    until: (resource, name, check) =>
      new Promise((resolve, reject) => {
        record(resource, object => {
          const { metadata } = object;
          if (
            metadata.name === name.name &&
            metadata.namespace === name.namespace &&
            check(object)
          )
            resolve(object);
        }).catch(reject);
      }),
    async stop() {
      stopping.abort();
      await api.stop();
      client.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
