// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import { HttpClusterTransport } from './HttpClusterTransport';
import { rest } from './pause';
import { ScriptedCluster } from './testing/ScriptedCluster';
import { withBreaker } from './withBreaker';

let cluster: ScriptedCluster;
const never = new AbortController().signal;

beforeEach(async () => {
  cluster = await ScriptedCluster.start([]);
});
afterEach(() => cluster.close());

function aTransport() {
  const agent = new http.Agent({ keepAlive: true });
  const headers = { Authorization: `Bearer ${cluster.token}` };
  const server = cluster.details('cloud-staging').url;
  return withBreaker(
    new HttpClusterTransport(async () => ({ server, agent, headers })),
    { failures: 3, rest: 50 },
  );
}

describe('withBreaker', () => {
  it('leaves a failing cluster alone, gives its last failure at once, and tries again later', async () => {
    const transport = aTransport();
    cluster.behaviour = 'fail';
    for (let count = 0; count < 3; count += 1) await transport.probe(never);
    const asked = cluster.seen.length;
    await expect(transport.get('/x', never)).resolves.toEqual({
      ok: false,
      failure: {
        kind: 'failing',
        problem: 'The cluster answered with status 500: no leader.',
      },
    });
    expect(cluster.seen).toHaveLength(asked);

    cluster.behaviour = 'answer';
    await rest(60, never);
    await expect(transport.probe(never)).resolves.toMatchObject({ ok: true });
    await expect(transport.probe(never)).resolves.toMatchObject({ ok: true });
    transport.close();
  });

  it('does not take refusals and missing objects for a failing cluster', async () => {
    const transport = aTransport();
    cluster.behaviour = 'forbid';
    for (let count = 0; count < 5; count += 1) await transport.probe(never);
    cluster.behaviour = 'answer';
    for (let count = 0; count < 5; count += 1) await transport.get('/x', never);
    await expect(transport.probe(never)).resolves.toMatchObject({ ok: true });
    transport.close();
  });
});
