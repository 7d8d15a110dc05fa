// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  gitRepositories,
  requestedAtAnnotation,
} from '../controllers/flux/fluxObjects';
import { KubernetesClient } from '../controllers/runtime/KubernetesClient';
import {
  Deployment,
  daemonSets,
  deployments,
  nodes,
  pods,
} from '../controllers/workloads/workloads';
import { accessTokenOf } from '../forge/accounts';
import { clusters, DemoCluster, services } from './demo/services';
import { addressOf } from './kubeconfig';
import { startWorld } from './startWorld';
import type { World } from './World';

jest.setTimeout(600_000);

const secrets = {
  clusterToken: 'cluster-token-for-tests',
  forgePassword: 'forge-password-for-tests',
};

interface Report {
  readonly service: string;
  readonly version: string;
  readonly commit: { readonly sha: string };
  readonly images: readonly {
    readonly name: string;
    readonly tag: string;
    readonly digest: string;
  }[];
}

describe('the demo world', () => {
  let directory: string;
  let portal: Server;
  let reports: Report[];
  let arrived: () => void = () => undefined;
  let world: World;

  const start = () =>
    startWorld({
      dataDirectory: directory,
      secrets,
      ciDuration: 0,
      podTimes: { start: 50, stop: 10 },
      patience: 60_000,
      releaseReport: {
        url: `http://127.0.0.1:${
          (portal.address() as AddressInfo).port
        }/api/delivery/releases`,
        secret: 'release-secret',
      },
      log: () => undefined,
    });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'world-'));
    reports = [];
    portal = createServer(async (request, response) => {
      reports.push(JSON.parse(await text(request)));
      response.statusCode = 201;
      response.end('{}');
      arrived();
    });
    await once(portal.listen(0, '127.0.0.1'), 'listening');
    world = await start();
  });

  afterAll(async () => {
    await world.stop();
    portal.closeAllConnections();
    portal.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function withCluster<T>(
    name: DemoCluster,
    work: (client: KubernetesClient) => Promise<T>,
  ): Promise<T> {
    const { url, token, caFile } = world.clusters[name];
    const client = await KubernetesClient.connect(
      addressOf({ name, url, token, ca: await readFile(caFile, 'utf8') }),
    );
    try {
      return await work(client);
    } finally {
      client.close();
    }
  }
  const imageOf = ({ spec }: Deployment) =>
    spec.template.spec.containers[0].image;
  const nextArrival = () =>
    new Promise<void>(resolve => {
      arrived = resolve;
    });
  const report = async (wanted: (report: Report) => boolean) => {
    for (;;) {
      const found = reports.find(wanted);
      if (found) return found;
      await nextArrival();
    }
  };
  const api = async (
    path: string,
    options: { login?: string; method?: string; body?: unknown } = {},
  ) => {
    const response = await fetch(
      `${world.forge.url}/api/v1/repos/norden/${path}`,
      {
        method: options.method,
        headers: {
          'Content-Type': 'application/json',
          ...(options.login
            ? {
                Authorization: `token ${accessTokenOf(
                  options.login,
                  secrets.forgePassword,
                )}`,
              }
            : {}),
        },
        body:
          options.body === undefined ? undefined : JSON.stringify(options.body),
      },
    );
    return response.json();
  };
  const control = (path: string, body?: object, token?: string) =>
    fetch(`${world.forge.url}/simulation/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        'Content-Type': 'application/json',
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
      },
      body: body && JSON.stringify(body),
    });

  it.each(clusters)('runs in %s what the fleet repository says', async name => {
    await withCluster(name, async client => {
      const running = (await client.list(deployments)).items;
      const onDevices = (await client.list(daemonSets)).items;
      const here = services.filter(({ deployed }) => deployed[name]);
      const isWave = ({ waveIn }: (typeof services)[number]) =>
        waveIn?.includes(name) ?? false;
      for (const service of here.filter(isWave)) {
        const own = onDevices.filter(
          ({ metadata }) =>
            metadata.labels?.['app.kubernetes.io/name'] === service.name,
        );
        expect(own).toHaveLength(2);
        expect(
          own.reduce(
            (sum, { status }) => sum + (status?.desiredNumberScheduled ?? 0),
            0,
          ),
        ).toBe(60);
      }
      for (const service of here.filter(each => !isWave(each))) {
        const own = running.filter(
          ({ metadata, spec }) =>
            metadata.labels?.['app.kubernetes.io/name'] === service.name &&
            spec.replicas !== 0,
        );
        expect(own).toHaveLength(name === 'edge-production' ? 2 : 1);
        for (const deployment of own) {
          expect(imageOf(deployment)).toContain(
            `${service.name}:${service.deployed[name]}@sha256:`,
          );
          expect(deployment.status?.availableReplicas).toBe(
            deployment.spec.replicas,
          );
        }
      }
      const { items } = await client.list(pods);
      const edge = items.filter(({ metadata }) =>
        metadata.name.includes('-jetson-'),
      );
      expect(edge.every(({ spec }) => spec.nodeName?.includes('jetson'))).toBe(
        true,
      );
      expect((await client.list(nodes)).items).toHaveLength(
        name === 'edge-production' ? 60 : 3,
      );
    });
  });

  it('tells in a Prometheus of each cluster how its services do', async () => {
    const wanted = services
      // What runs on every device serves nobody over the network.
      .filter(({ deployed, waveIn }) => deployed['edge-production'] && !waveIn)
      .flatMap(({ name, deployed }) =>
        ['jetson', 'raspberry-pi'].map(
          variant => `${name}-${variant} ${deployed['edge-production']}`,
        ),
      );
    const query =
      'sum by (service, version) (increase(http_requests_total[1h]))';
    const ask = (metrics: string) =>
      fetch(`${metrics}/api/v1/query?${new URLSearchParams({ query })}`);
    const seen = async (): Promise<readonly string[]> => {
      const response = await ask(world.clusters['edge-production'].metrics);
      const { data } = await response.json();
      return data.result.map(
        ({ metric }: { metric: { service: string; version: string } }) =>
          `${metric.service} ${metric.version}`,
      );
    };
    // Pods are seen a moment after they are ready.
    while ((await seen()).length < wanted.length) await sleep(100);
    expect([...(await seen())].sort()).toEqual(wanted.sort());
    const nowhere = await ask(`${world.forge.url}/prometheus/nowhere`);
    expect(nowhere.status).toBe(404);
  });

  it('reports every release of the history', async () => {
    for (const { name, history } of services) {
      for (const { version } of history) {
        await report(
          candidate =>
            candidate.service === `component:default/${name}` &&
            candidate.version === version,
        );
      }
    }
    expect(world.runs().every(({ state }) => state === 'passed')).toBe(true);
  });

  it('carries a commit to a cluster: CI, fleet repository, Flux, pods; and keeps it over a restart', async () => {
    const version = await api('parcel-vision/contents/VERSION');
    const pushed = await api('parcel-vision/contents/src/label.ts', {
      login: 'mia',
      method: 'POST',
      body: {
        message: 'Fix label rotation on belt 4',
        content: Buffer.from('rotate();\n').toString('base64'),
      },
    });
    const released = await report(
      ({ commit }) => commit.sha === pushed.commit.sha,
    );
    expect(released.version).toBe('2.8.1');
    expect(Buffer.from(version.content, 'base64').toString()).toBe('2.8.0\n');
    const [image] = released.images;

    const overlay =
      'fleet/contents/services/parcel-vision/overlays/cloud-staging/kustomization.yaml';
    const before = await api(overlay);
    const content = Buffer.from(before.content, 'base64')
      .toString()
      .replace(/newTag: .*/, `newTag: ${image.tag}`)
      .replace(/digest: .*/, `digest: ${image.digest}`);
    await api(overlay, {
      login: 'causeway',
      method: 'PUT',
      body: {
        message: 'Promote',
        sha: before.sha,
        content: Buffer.from(content).toString('base64'),
      },
    });
    await withCluster('cloud-staging', async client => {
      const wanted = `${image.name}:${image.tag}@${image.digest}`;
      const { resourceVersion } = await client.list(deployments);
      const done = new AbortController();
      const rolledOut = client.watch(
        deployments,
        resourceVersion,
        ({ object }) => {
          const { metadata, spec, status } = object;
          const complete =
            status?.observedGeneration === metadata.generation &&
            status?.updatedReplicas === spec.replicas &&
            status?.replicas === spec.replicas &&
            status?.availableReplicas === spec.replicas;
          if (
            metadata.name === 'parcel-vision' &&
            imageOf(object) === wanted &&
            complete
          )
            done.abort();
        },
        done.signal,
      );
      await client.patch(
        gitRepositories,
        { namespace: 'flux-system', name: 'fleet' },
        { metadata: { annotations: { [requestedAtAnnotation]: 'now' } } },
      );
      await expect(rolledOut).rejects.toThrow('aborted');
    });

    await world.stop();
    world = await start();
    await withCluster('cloud-staging', async client => {
      const deployment = await client.get(deployments, {
        namespace: 'sorting',
        name: 'parcel-vision',
      });
      expect(deployment && imageOf(deployment)).toContain(
        'parcel-vision:2.8.1@',
      );
    });
    await withCluster('cloud-production', async client => {
      const deployment = await client.get(deployments, {
        namespace: 'sorting',
        name: 'parcel-vision',
      });
      expect(deployment && imageOf(deployment)).toContain(
        'parcel-vision:2.7.3@',
      );
    });
  });

  it('breaks and mends on demand, for those who have the token', async () => {
    expect((await control('health')).status).toBe(200);
    expect(
      (await control('clusters/edge-staging/fault', { kind: 'error' })).status,
    ).toBe(401);
    expect(
      (
        await control(
          'clusters/edge-staging/fault',
          { kind: 'odd' },
          secrets.clusterToken,
        )
      ).status,
    ).toBe(400);
    expect(
      (
        await control(
          'clusters/nowhere/fault',
          { kind: 'none' },
          secrets.clusterToken,
        )
      ).status,
    ).toBe(404);
    await control(
      'clusters/edge-staging/fault',
      { kind: 'error' },
      secrets.clusterToken,
    );
    await withCluster('edge-staging', client =>
      expect(client.list(pods)).rejects.toMatchObject({ status: 500 }),
    );
    await withCluster('cloud-staging', client => client.list(pods));
    await control(
      'clusters/edge-staging/fault',
      { kind: 'none' },
      secrets.clusterToken,
    );
    await withCluster('edge-staging', client => client.list(pods));
    await control('forge/fault', { kind: 'down' }, secrets.clusterToken);
    await expect(api('fleet')).rejects.toThrow('fetch failed');
    await control('forge/fault', { kind: 'none' }, secrets.clusterToken);
    expect(await api('fleet')).toMatchObject({ full_name: 'norden/fleet' });
  });

  it('writes a kubeconfig for all clusters that only its owner can read', async () => {
    const file = world.clusters['cloud-staging'].kubeconfigFile;
    expect((await stat(file)).mode % 0o1000).toBe(0o600);
    const content = await readFile(file, 'utf8');
    for (const name of clusters)
      expect(content).toContain(`server: ${world.clusters[name].url}`);
  });
});
