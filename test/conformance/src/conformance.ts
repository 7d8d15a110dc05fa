// SPDX-License-Identifier: Apache-2.0
import { ApiClient } from './ApiClient';
import type { ClusterUnderTest } from './ClusterUnderTest';
import { access } from './suites/access';
import { clientNode } from './suites/clientNode';
import { concurrentWriters } from './suites/concurrentWriters';
import { customResources } from './suites/customResources';
import { deletions } from './suites/deletions';
import { discovery } from './suites/discovery';
import { failures } from './suites/failures';
import { finalizers } from './suites/finalizers';
import { lists } from './suites/lists';
import { oldVersions } from './suites/oldVersions';
import { patches } from './suites/patches';
import { representations } from './suites/representations';
import { resourceVersions } from './suites/resourceVersions';
import { subresources } from './suites/subresources';
import { watches } from './suites/watches';
import { watchesUnderLoad } from './suites/watchesUnderLoad';
import { writes } from './suites/writes';

const SUITES = [
  discovery,
  lists,
  resourceVersions,
  oldVersions,
  watches,
  watchesUnderLoad,
  writes,
  concurrentWriters,
  patches,
  deletions,
  finalizers,
  subresources,
  customResources,
  representations,
  failures,
  access,
  clientNode,
];

/** Registers every test, for a cluster that is started before and stopped after them. */
export function conformance(start: () => Promise<ClusterUnderTest>): void {
  let cluster: ClusterUnderTest | undefined;
  let api: ApiClient | undefined;

  beforeAll(async () => {
    cluster = await start();
    api = new ApiClient(cluster);
  });
  afterAll(async () => {
    api?.close();
    await cluster?.stop();
  });

  const client = () => {
    if (!api) throw new Error('the cluster has not started');
    return api;
  };
  for (const suite of SUITES) suite(client);
}
