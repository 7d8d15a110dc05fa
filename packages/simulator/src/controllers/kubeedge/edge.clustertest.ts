// SPDX-License-Identifier: Apache-2.0
import { startCluster } from '@causeway/test-cluster';
import { KubeConfig } from '@kubernetes/client-node';
import { clusterAt } from '../../testing/aCluster';
import { edgeLabels, edgeNodes, EdgeStage } from '../../testing/EdgeStage';
import { edgeStories } from '../../testing/edgeStories';

jest.setTimeout(600_000);

describe('the edge on a real control plane', () => {
  let stage: EdgeStage;

  beforeAll(async () => {
    stage = await EdgeStage.start({
      // What real programs do in between takes real time.
      rate: 10,
      controllers: [],
      async connect() {
        const cluster = await startCluster({
          name: 'edge',
          nodes: edgeNodes.map(name => ({ name, labels: edgeLabels })),
        });
        const kubeConfig = new KubeConfig();
        kubeConfig.loadFromFile(cluster.kubeconfigFile);
        return clusterAt(kubeConfig, () => cluster.stop());
      },
    });
  });

  afterAll(() => stage?.stop());

  it.each(Object.entries(edgeStories))('%s', async (_name, story) => {
    expect.hasAssertions();
    await story(stage);
  });
});
