// SPDX-License-Identifier: Apache-2.0
import { KubeConfig } from '@kubernetes/client-node';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubernetesClient } from './KubernetesClient';
import type { Resource } from './resources';

const nodes: Resource = {
  apiVersion: 'v1',
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
};

jest.setTimeout(60_000);

describe('a server that takes its time', () => {
  let server: Server;
  let client: KubernetesClient;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url?.endsWith('/hangs')) return;
      setTimeout(() => response.end('{"metadata":{}}'), 250);
    });
    await new Promise<void>(resolve =>
      server.listen(0, '127.0.0.1', () => resolve()),
    );
    const { port } = server.address() as AddressInfo;
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'slow', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
      { name: 'nobody' },
    );
    client = await KubernetesClient.connect(
      Object.assign(kubeConfig, { answersWithin: 3_000 }),
    );
  });

  afterAll(() => {
    client?.close();
    server?.closeAllConnections();
    server?.close();
  });

  it('is not given up because many requests wait for their turn', async () => {
    const answers = Array.from({ length: 120 }, (_, index) =>
      client.get(nodes, { name: `node-${index}` }),
    );
    expect(await Promise.all(answers)).toHaveLength(120);
  });

  it('is given up when it does not answer what it has been sent', async () => {
    await expect(client.get(nodes, { name: 'hangs' })).rejects.toThrow(
      'did not answer within 3 s',
    );
    expect(await client.get(nodes, { name: 'other' })).toBeDefined();
  });
});
