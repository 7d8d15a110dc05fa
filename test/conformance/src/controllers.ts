// SPDX-License-Identifier: Apache-2.0
import { ApiClient } from './ApiClient';
import type { ControlledCluster } from './ControlledCluster';
import { daemonSets } from './suites/daemonSets';
import { evictions } from './suites/evictions';
import { jobs } from './suites/jobs';
import { nodeLifecycle } from './suites/nodeLifecycle';

/** What suites of controllers are given. */
export interface Controlled {
  readonly api: ApiClient;
  readonly machineLabel: ControlledCluster['machineLabel'];
}

const SUITES = [daemonSets, jobs, evictions, nodeLifecycle];

/** Registers every test of controllers, for a cluster that is started before and stopped after them. */
export function controllers(start: () => Promise<ControlledCluster>): void {
  let cluster: ControlledCluster | undefined;
  let api: ApiClient | undefined;

  beforeAll(async () => {
    cluster = await start();
    api = new ApiClient(cluster);
  });
  afterAll(async () => {
    api?.close();
    await cluster?.stop();
  });

  const controlled = (): Controlled => {
    if (!cluster || !api) throw new Error('the cluster has not started');
    return { api, machineLabel: cluster.machineLabel };
  };
  for (const suite of SUITES) suite(controlled);
}
