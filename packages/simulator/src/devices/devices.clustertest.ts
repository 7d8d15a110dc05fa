// SPDX-License-Identifier: Apache-2.0
import { startCluster } from '@causeway/test-cluster';
import { KubeConfig } from '@kubernetes/client-node';
import { nodes } from '../controllers/workloads/workloads';
import { clusterAt, TestCluster } from '../testing/aCluster';
import { DeviceStage } from '../testing/DeviceStage';
import { offlineStory } from '../testing/offlineStory';
import { acceleratedScheduler } from '../time/Scheduler';

jest.setTimeout(600_000);

/** How many times as fast as ours the time of the devices runs. */
const rate = 3;

/** Without a node there is no scheduler, so one of kwok's makes room for the devices. */
const placeholder = 'placeholder';

async function connect(): Promise<TestCluster> {
  const real = await startCluster({
    name: 'devices',
    nodes: [{ name: placeholder }],
    nodeMonitorGracePeriod: 8,
  });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(real.kubeconfigFile);
  const cluster = await clusterAt(kubeConfig, () => real.stop());
  await cluster.client.delete(nodes, { name: placeholder });
  return cluster;
}

describe('simulated devices on a real control plane', () => {
  let stage: DeviceStage;

  beforeAll(async () => {
    stage = await DeviceStage.start({
      connect,
      // Who decides is real: daemon sets, the scheduler, the life of nodes.
      controllers: ['kubelet', 'node'],
      // What is left is the devices, which need not be waited for so long.
      scheduler: acceleratedScheduler(rate),
      heartbeatInterval: 2_000 * rate,
    });
  });

  afterAll(() => stage?.stop());

  it('go on while they are away, miss a release, and catch up', async () => {
    expect.hasAssertions();
    await offlineStory(stage);
  });
});
