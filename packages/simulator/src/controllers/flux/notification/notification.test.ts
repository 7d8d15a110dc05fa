// SPDX-License-Identifier: Apache-2.0
import { createHash, createHmac } from 'node:crypto';
import { createServer, IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { aCluster, TestCluster } from '../../../testing/aCluster';
import { acceleratedScheduler, Scheduler } from '../../../time/Scheduler';
import { RunningController } from '../../runtime/Cluster';
import { conditionOf } from '../../runtime/resources';
import { runControllers } from '../../runControllers';
import { namespaces } from '../../workloads/workloads';
import { customResourceDefinitions, fluxDefinitions } from '../fluxDefinitions';
import { gitRepositories, requestedAtAnnotation } from '../fluxObjects';
import { secrets } from '../secretToken';
import { notificationDefinitions } from './notificationDefinitions';
import { alerts, providers, receivers } from './notificationObjects';

interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const namespace = 'flux-system';
const token = 'a token';
const hmac = (body: string) =>
  createHmac('sha256', token).update(body).digest('hex');

describe('Flux told of webhooks, and telling of events', () => {
  let cluster: TestCluster;
  let scheduler: Scheduler;
  let controllers: RunningController;
  let portal: Server;
  let webhooks: string;
  let arrived: (post: Post) => void;

  const create: TestCluster['client']['create'] = (resource, _where, object) =>
    cluster.client.create(resource, namespace, object);

  beforeAll(async () => {
    portal = createServer(async (request, response) => {
      const post = { headers: request.headers, body: await text(request) };
      response.end();
      arrived(post);
    });
    await new Promise<void>(resolve => {
      portal.listen(0, '127.0.0.1', resolve);
    });
    cluster = await aCluster();
    const { client } = cluster;
    for (const one of [...fluxDefinitions, ...notificationDefinitions])
      await client.create(customResourceDefinitions, undefined, one);
    await client.create(namespaces, undefined, {
      metadata: { name: namespace },
    });
    await create(secrets, namespace, {
      metadata: { name: 'hook' },
      data: { token: Buffer.from(token).toString('base64') },
    });
    scheduler = acceleratedScheduler(20);
    const listening = new Promise<string>(resolve => {
      runControllers({
        kubeConfig: cluster.kubeConfig,
        scheduler,
        controllers: ['gitrepository'],
        additional: ['receiver', 'alert'],
        directory: tmpdir(),
        receiver: { port: 0, onListening: resolve },
        log: () => undefined,
      }).then(running => {
        controllers = running;
      });
    });
    webhooks = await listening;
  });

  afterAll(async () => {
    await controllers?.stop();
    scheduler.stop();
    await cluster.stop();
    portal.close();
  });

  it('posts what happens to a provider, signed', async () => {
    const { port } = portal.address() as AddressInfo;
    const posted = new Promise<Post>(resolve => {
      arrived = resolve;
    });
    await create(providers, namespace, {
      metadata: { name: 'portal' },
      spec: {
        type: 'generic-hmac',
        address: `http://127.0.0.1:${port}/events`,
        secretRef: { name: 'hook' },
      },
    });
    await create(alerts, namespace, {
      metadata: { name: 'all' },
      spec: {
        providerRef: { name: 'portal' },
        eventSources: [{ kind: 'GitRepository', name: '*' }],
        eventMetadata: { cluster: 'edge-1' },
      },
    });
    await create(gitRepositories, namespace, {
      metadata: { name: 'apps' },
      spec: { interval: '10m', url: 'http://127.0.0.1:1/apps.git' },
    });
    const { headers, body } = await posted;
    expect(headers['x-signature']).toBe(`sha256=${hmac(body)}`);
    expect(headers['gotk-component']).toBe('source-controller');
    expect(JSON.parse(body)).toMatchObject({
      involvedObject: {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        namespace,
        name: 'apps',
      },
      severity: 'error',
      reason: 'GitOperationFailed',
      metadata: { cluster: 'edge-1' },
      reportingController: 'source-controller',
    });
  });

  it.each([
    ['generic', {}, 200],
    ['generic-hmac', { 'X-Signature': `sha256=${hmac('{}')}` }, 200],
    ['generic-hmac', { 'X-Signature': `sha256=${hmac('{ }')}` }, 400],
    [
      'github',
      {
        'X-GitHub-Event': 'push',
        'X-Hub-Signature-256': `sha256=${hmac('{}')}`,
      },
      200,
    ],
    [
      'github',
      {
        'X-GitHub-Event': 'issues',
        'X-Hub-Signature-256': `sha256=${hmac('{}')}`,
      },
      400,
    ],
    ['github', { 'X-GitHub-Event': 'push' }, 400],
    [
      'gitea',
      { 'X-Gitea-Event': 'push', 'X-Gitea-Signature': hmac('{}') },
      200,
    ],
    ['gitea', { 'X-Gitea-Event': 'push', 'X-Gitea-Signature': '' }, 400],
    ['gitlab', { 'X-Gitlab-Event': 'push', 'X-Gitlab-Token': token }, 200],
    ['gitlab', { 'X-Gitlab-Event': 'push', 'X-Gitlab-Token': 'another' }, 400],
  ])('answers a %s webhook with %j by %d', async (type, headers, status) => {
    const name = `hook-${createHash('sha1')
      .update(type + JSON.stringify(headers))
      .digest('hex')}`;
    await create(receivers, namespace, {
      metadata: { name },
      spec: {
        type,
        events: ['push'],
        secretRef: { name: 'hook' },
        resources: [{ kind: 'GitRepository', name: 'apps' }],
      },
    });
    const { status: told } = await cluster.until(
      receivers,
      { namespace, name },
      object =>
        conditionOf(object.status?.conditions, 'Ready')?.status === 'True',
    );
    const before = await cluster.client.get(gitRepositories, {
      namespace,
      name: 'apps',
    });
    const response = await fetch(webhooks + told?.webhookPath, {
      method: 'POST',
      headers,
      body: '{}',
    });
    expect(response.status).toBe(status);
    const after = await cluster.client.get(gitRepositories, {
      namespace,
      name: 'apps',
    });
    const requests = [before, after].map(
      object => object?.metadata.annotations?.[requestedAtAnnotation],
    );
    expect(requests[0] !== requests[1]).toBe(status === 200);
  });

  it('knows nothing of other paths, and a receiver without its token is not ready', async () => {
    const response = await fetch(`${webhooks}/hook/abc`, { method: 'POST' });
    expect(response.status).toBe(404);
    await create(receivers, namespace, {
      metadata: { name: 'lost' },
      spec: { type: 'generic', secretRef: { name: 'none' }, resources: [] },
    });
    await cluster.until(
      receivers,
      { namespace, name: 'lost' },
      ({ status }) =>
        conditionOf(status?.conditions, 'Ready')?.reason === 'TokenNotFound',
    );
  });
});
