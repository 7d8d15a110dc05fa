// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import { nodePath } from '../actions/kubernetes/nodes';
import { HttpClusterTransport } from './HttpClusterTransport';
import { namespaced } from './namespaced';
import { ScriptedCluster } from './testing/ScriptedCluster';

const never = new AbortController().signal;

let cluster: ScriptedCluster;
let transport: HttpClusterTransport;

beforeAll(async () => {
  cluster = await ScriptedCluster.start([]);
  const agent = new http.Agent({ keepAlive: true });
  const headers = { Authorization: `Bearer ${cluster.token}` };
  const server = cluster.details('edge').url;
  transport = new HttpClusterTransport(async () => ({
    server,
    agent,
    headers,
  }));
});
afterAll(async () => {
  transport.close();
  await cluster.close();
});

describe.each([
  '..',
  '.',
  '../../namespaces/kube-system/secrets/token',
  'a/b',
  'a?dryRun=All',
  'a#b',
  'a%2Fb',
  '%2e%2e',
  'a\\..\\b',
  'a\r\nX-Remote-User: admin',
  '<img src=x>',
  '$(reboot)',
])('the name %j in an address of the API server', name => {
  const nodes = ['', 'api', 'v1', 'nodes', name];
  const devices = '/apis/devices.kubeedge.io/v1beta1/devices';

  it.each<[string, string, readonly string[]]>([
    ['of a node', nodePath(name), nodes],
    [
      'of a namespace',
      namespaced(devices, { namespace: name, name: 'lamp' }),
      [
        ...devices.split('/').slice(0, -1),
        'namespaces',
        name,
        'devices',
        'lamp',
      ],
    ],
    [
      'of an object',
      namespaced(devices, { namespace: 'boards', name }),
      [
        ...devices.split('/').slice(0, -1),
        'namespaces',
        'boards',
        'devices',
        name,
      ],
    ],
  ])('is %s or is not asked for at all', async (_, path, parts) => {
    const before = cluster.seen.length;
    await transport.get(path, never);
    await transport.patch(path, {}, {}, never);
    await transport.remove(path, {}, never);
    for (const asked of cluster.seen.slice(before)) {
      expect(asked.path.split('/').map(decodeURIComponent)).toEqual(parts);
      expect(asked.query.get('dryRun')).toBeNull();
      expect(asked.headers['x-remote-user']).toBeUndefined();
    }
    expect(cluster.seen.length - before).toBe(/^\.{1,2}$/.test(name) ? 0 : 3);
  });
});
