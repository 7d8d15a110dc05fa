// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiServer, startApiServer } from '../apiserver';
import { ClusterAddress } from '../controllers/runtime/ApiConnection';
import { KubernetesClient } from '../controllers/runtime/KubernetesClient';
import {
  KubernetesObject,
  ObjectName,
  Resource,
} from '../controllers/runtime/resources';
import { Clock } from '../time/Scheduler';
import { certificates } from '../world/certificates';
import { addressOf } from '../world/kubeconfig';

/** A cluster for a test, simulated or real. */
export interface TestCluster {
  readonly kubeConfig: ClusterAddress;
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

/** Connects to a cluster that runs; `stop` ends it. */
export async function clusterAt(
  kubeConfig: ClusterAddress,
  stop: () => Promise<void>,
): Promise<TestCluster> {
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
      await stop();
      client.close();
    },
  };
}

/** Starts a simulated API server on a free port, without controllers. */
export async function aCluster(
  clock: Clock = () => new Date(),
): Promise<TestCluster & { api: ApiServer }> {
  const directory = await mkdtemp(join(tmpdir(), 'cluster-'));
  const { serving, ca } = await certificates(directory, new Date());
  const token = 'a-token-for-tests';
  const api = await startApiServer({
    name: 'test',
    port: 0,
    tls: serving,
    tokens: [{ token, user: 'admin', groups: ['system:masters'] }],
    clock,
  });
  const kubeConfig = addressOf({ name: 'test', url: api.url, token, ca });
  const cluster = await clusterAt(kubeConfig, async () => {
    await api.stop();
    await rm(directory, { recursive: true, force: true });
  });
  return { ...cluster, api };
}
