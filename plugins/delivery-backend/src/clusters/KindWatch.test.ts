// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import { HttpClusterTransport } from './HttpClusterTransport';
import { defaultWatchLimits, KindWatch } from './KindWatch';
import { aDeployment } from './testing/objects';
import { ScriptedCluster } from './testing/ScriptedCluster';
import { deployments } from './watchedKinds';

/** A real server, on machines that may be busy. */
jest.setTimeout(60_000);

it('tells of a mistake in the reading of a kind, and goes on when it is mended', async () => {
  const cluster = await ScriptedCluster.start([deployments.path]);
  cluster.put(deployments.path, aDeployment());
  const transport = new HttpClusterTransport(async () => ({
    server: cluster.details('edge').url,
    agent: new http.Agent({ keepAlive: true }),
    headers: { Authorization: `Bearer ${cluster.token}` },
  }));
  const stop = new AbortController();
  let isMistaken = true;
  let look = () => {};
  const watch = new KindWatch(
    {
      ...deployments,
      trim(object) {
        if (isMistaken) throw new TypeError('It has no spec.');
        return deployments.trim(object);
      },
    },
    {
      transport,
      limits: { ...defaultWatchLimits, firstPause: 10, longestPause: 20 },
      clock: () => new Date(),
      changed: () => look(),
    },
  );
  const until = (isTrue: () => boolean) =>
    new Promise<void>(resolve => {
      look = () => {
        if (isTrue()) resolve();
      };
      look();
    });
  const told = () => JSON.stringify(watch.freshness(new Date()));
  const following = watch.follow(stop.signal);
  await until(() =>
    told().includes(
      'deployments.apps could not be understood: TypeError: It has no spec.',
    ),
  );
  isMistaken = false;
  await until(() => watch.snapshot.size === 1);
  expect(told()).toContain('live');
  stop.abort();
  await following;
  transport.close();
  await cluster.close();
});
