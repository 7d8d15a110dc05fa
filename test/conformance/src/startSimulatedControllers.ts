// SPDX-License-Identifier: Apache-2.0
import {
  acceleratedScheduler,
  runControllers,
  simulatedNodeLabel,
} from '@causeway/simulator';
import { KubeConfig } from '@kubernetes/client-node';
import { ApiClient } from './ApiClient';
import type { ClusterUnderTest } from './ClusterUnderTest';
import type { ControlledCluster } from './ControlledCluster';
import { startSimulator } from './startSimulator';

/** Starts a simulated API server with simulated controllers and nodes, whose time runs twenty times as fast as ours. */
export async function startSimulatedControllers(): Promise<ControlledCluster> {
  const scheduler = acceleratedScheduler(20);
  const cluster = await startSimulator(scheduler.now);
  const machineLabel = { key: simulatedNodeLabel, value: '' };
  await createNodes(cluster, machineLabel);
  const controllers = await runControllers({
    kubeConfig: kubeConfigOf(cluster),
    scheduler,
    directory: '/nonexistent',
    controllers: [
      'deployment',
      'replicaset',
      'daemonset',
      'job',
      'disruption',
      'scheduler',
      'kubelet',
      'node',
      'nodelifecycle',
    ],
    log: () => undefined,
  });
  return {
    ...cluster,
    machineLabel,
    async stop() {
      await controllers.stop();
      scheduler.stop();
      await cluster.stop();
    },
  };
}

async function createNodes(
  cluster: ClusterUnderTest,
  { key, value }: ControlledCluster['machineLabel'],
): Promise<void> {
  const api = new ApiClient(cluster);
  for (const name of ['node-1', 'node-2', 'node-3'])
    await api.post('/api/v1/nodes', {
      metadata: { name, labels: { [key]: value } },
    });
  api.close();
}

function kubeConfigOf({ url, token, caData }: ClusterUnderTest): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromOptions({
    clusters: [{ name: 'simulated', server: url, caData }],
    users: [{ name: 'admin', token }],
    contexts: [{ name: 'simulated', cluster: 'simulated', user: 'admin' }],
    currentContext: 'simulated',
  });
  return kubeConfig;
}
