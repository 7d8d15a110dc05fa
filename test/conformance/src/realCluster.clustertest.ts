// SPDX-License-Identifier: Apache-2.0
import { startCluster } from '@causeway/test-cluster';
import { conformance } from './conformance';

jest.setTimeout(600_000);

describe('the real API server', () => {
  conformance(() => startCluster({ name: 'conformance' }));
});
