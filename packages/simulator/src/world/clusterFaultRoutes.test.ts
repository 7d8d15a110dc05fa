// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { Server } from 'node:http';
import express from 'express';
import { startTestServer } from '../apiserver/testing/startTestServer';
import type { TestServer } from '../apiserver/testing/startTestServer';
import { clusterFaultRoutes } from './clusterFaultRoutes';

const SECRET = 'Bearer secret';

describe('the control of the faults of clusters', () => {
  let cluster: TestServer;
  let control: Server;
  let url: string;

  beforeAll(async () => {
    cluster = await startTestServer();
    const { faults } = cluster.server;
    const clusters = () => [{ name: 'edge', faults }];
    control = express()
      .use(
        clusterFaultRoutes(clusters, ({ headers }, response, next) => {
          if (headers.authorization === SECRET) next();
          else response.status(401).end();
        }),
      )
      .listen(0, '127.0.0.1');
    await once(control, 'listening');
    const address = control.address();
    if (address === null || typeof address === 'string') {
      throw new Error('the control has no port');
    }
    url = `http://127.0.0.1:${address.port}`;
  });
  afterAll(async () => {
    control.closeAllConnections();
    control.close();
    await cluster.stop();
  });

  async function ask(method: string, path: string, body?: object) {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: SECRET, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { code: answer.status, body: await answer.json() };
  }

  const codeOf = async (path: string) => (await cluster.call('GET', path)).code;

  it('adds several faults and ends them one by one', async () => {
    const pods = await ask('POST', '/edge/faults', {
      kind: 'error',
      code: 503,
      resources: ['pods'],
    });
    const nodes = await ask('POST', '/edge/faults', {
      kind: 'forbidden',
      paths: ['/api/v1/nodes'],
    });
    expect([pods.code, nodes.code]).toEqual([201, 201]);
    expect((await ask('GET', '/edge/faults')).body).toEqual({
      name: 'edge',
      faults: [
        {
          id: pods.body.id,
          fault: { kind: 'error', code: 503, resources: ['pods'] },
        },
        {
          id: nodes.body.id,
          fault: { kind: 'forbidden', paths: ['/api/v1/nodes'] },
        },
      ],
    });
    expect(await codeOf('/api/v1/pods')).toBe(503);
    expect(await codeOf('/api/v1/nodes')).toBe(403);

    await ask('DELETE', `/edge/faults/${pods.body.id}`);
    expect(await codeOf('/api/v1/pods')).toBe(200);
    expect(await codeOf('/api/v1/nodes')).toBe(403);
    expect((await ask('DELETE', '/edge/faults')).body.faults).toEqual([]);
    expect(await codeOf('/api/v1/nodes')).toBe(200);
  });

  it('replaces all by one, and by none', async () => {
    await ask('POST', '/edge/faults', { kind: 'error', resources: ['pods'] });
    const set = await ask('POST', '/edge/fault', { kind: 'slow' });
    expect(set.body.fault).toEqual({ kind: 'slow', milliseconds: 3000 });
    expect((await ask('GET', '/edge/faults')).body.faults).toHaveLength(1);
    const none = await ask('POST', '/edge/fault', { kind: 'none' });
    expect(none.body).toEqual({ name: 'edge', fault: { kind: 'none' } });
  });

  it('says what it cannot do', async () => {
    const odd = await ask('POST', '/edge/faults', { kind: 'odd' });
    expect(odd).toMatchObject({
      code: 400,
      body: { message: expect.stringContaining('slow, hang, error') },
    });
    const gone = await ask('DELETE', '/edge/faults/fault-0');
    expect(gone.code).toBe(404);
    expect((await ask('GET', '/nowhere/faults')).code).toBe(404);
    const stranger = await fetch(`${url}/edge/faults`, { method: 'DELETE' });
    expect(stranger.status).toBe(401);
  });
});
