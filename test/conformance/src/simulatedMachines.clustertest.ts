// SPDX-License-Identifier: Apache-2.0
import { runControllers, simulatedNodeLabel } from '@causeway/simulator';
import { startCluster } from '@causeway/test-cluster';
import { KubeConfig } from '@kubernetes/client-node';
import { ApiClient } from './ApiClient';
import type { ControlledCluster } from './ControlledCluster';
import { controllers } from './controllers';

jest.setTimeout(600_000);

const machineLabel = { key: simulatedNodeLabel, value: '' };

/** Takes the nodes from kwok and gives them to the simulator. */
async function handOver(cluster: ControlledCluster): Promise<void> {
  const api = new ApiClient(cluster);
  const { body } = await api.get('/api/v1/nodes');
  for (const { metadata } of body.items ?? [])
    await api.patch(`/api/v1/nodes/${metadata.name}`, 'merge', {
      metadata: { labels: { type: null, [machineLabel.key]: '' } },
    });
  api.close();
}

async function startMachines(): Promise<ControlledCluster> {
  const real = await startCluster({
    name: 'machines',
    nodes: 3,
    nodeMonitorGracePeriod: 8,
  });
  const cluster = { ...real, machineLabel };
  await handOver(cluster);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(real.kubeconfigFile);
  const machines = await runControllers({
    kubeConfig,
    controllers: ['kubelet', 'node'],
    heartbeatInterval: 2_000,
    podTimes: { start: 100, stop: 50, complete: 100 },
    directory: '/nonexistent',
    log: () => undefined,
  });
  return {
    ...cluster,
    async stop() {
      await machines.stop();
      await real.stop();
    },
  };
}

describe('the real controllers over simulated machines', () => {
  controllers(startMachines);
});
