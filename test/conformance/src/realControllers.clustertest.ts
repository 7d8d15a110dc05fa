// SPDX-License-Identifier: Apache-2.0
import { startCluster } from '@causeway/test-cluster';
import { controllers } from './controllers';

jest.setTimeout(600_000);

describe('the real controllers', () => {
  controllers(async () => {
    const cluster = await startCluster({
      name: 'controllers',
      nodes: 3,
      nodeMonitorGracePeriod: 8,
    });
    return { ...cluster, machineLabel: { key: 'type', value: 'kwok' } };
  });
});
