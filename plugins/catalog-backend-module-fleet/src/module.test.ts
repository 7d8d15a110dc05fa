// SPDX-License-Identifier: Apache-2.0
import {
  coreServices,
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import Router from 'express-promise-router';
import request from 'supertest';

/** A catalog that stitches, on machines that may be busy. */
jest.setTimeout(60_000);

/** A site of the fleet as the delivery plugin tells of it. */
interface Site {
  readonly cluster: string;
  readonly site: string;
  readonly title: string;
  readonly place?: readonly [number, number];
}

const oslo: Site = {
  cluster: 'edge-north',
  site: 'oslo',
  title: 'Oslo',
  place: [59.91, 10.75],
};
const hostile: Site = {
  cluster: 'edge-north',
  site: '../<img src=x onerror=alert(1)>: &x',
  title: '{{constructor}}\n- key: [',
};

/** What the delivery plugin says, which tests change. */
const told = {
  sites: [oslo, { ...oslo, cluster: 'edge-south' }, hostile] as Site[],
  heard: true,
  isDown: false,
  asked: [] as string[],
};

/** Answers as the delivery plugin does, to services alone. */
const delivery = createBackendPlugin({
  pluginId: 'delivery',
  register(env) {
    env.registerInit({
      deps: { http: coreServices.httpRouter, auth: coreServices.httpAuth },
      async init({ http, auth }) {
        const router = Router();
        router.use(async (incoming, answer, next) => {
          const { principal } = await auth.credentials(incoming, {
            allow: ['service'],
          });
          told.asked.push(principal.subject);
          if (told.isDown) answer.status(503).json({});
          else next();
        });
        router.get('/clusters', (_incoming, answer) => {
          answer.json({
            items: clusterNames().map(name => ({
              name,
              title: name,
              freshness: { state: told.heard ? 'live' : 'never' },
            })),
          });
        });
        router.get('/fleet/summary', (_incoming, answer) => {
          answer.json({
            readAt: new Date().toISOString(),
            clusters: clusterNames().map(name => ({ name, title: name })),
          });
        });
        router.get('/fleet/sites', (_incoming, answer) => {
          const column = <T>(read: (site: Site) => T) => told.sites.map(read);
          answer.json({
            readAt: new Date().toISOString(),
            columns: {
              id: column(({ cluster, site }) => `${cluster}/${site}`),
              name: column(({ title }) => title),
              cluster: column(({ cluster }) => cluster),
              latitude: column(({ place }) => place?.[0] ?? null),
              longitude: column(({ place }) => place?.[1] ?? null),
              devices: column(() => Math.ceil(Math.random() * 100)),
            },
          });
        });
        http.use(router);
      },
    });
  },
});

function clusterNames(): readonly string[] {
  return [...new Set(told.sites.map(({ cluster }) => cluster))];
}

let server: ReturnType<typeof request.agent>;
const scheduler = mockServices.scheduler();

beforeAll(async () => {
  const backend = await startTestBackend({
    features: [
      delivery,
      import('@backstage/plugin-catalog-backend'),
      import('./index'),
      createServiceFactory({
        service: coreServices.scheduler,
        deps: {},
        factory: () => scheduler,
      }),
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'https://portal.example/' },
          backend: { baseUrl: 'http://localhost' },
          catalog: {
            rules: [{ allow: ['Resource'] }],
            providers: {
              fleet: {
                owner: 'group:default/edge-operators',
                system: 'system:default/edge',
              },
            },
          },
        },
      }),
    ],
  });
  server = request.agent(backend.server);
});

async function entities(): Promise<Record<string, Entity>> {
  const { body } = await server
    .get('/api/catalog/entities?filter=kind=resource')
    .set('Authorization', mockCredentials.user.header());
  return Object.fromEntries(
    body.map((entity: Entity) => [
      `${entity.spec?.type} ${entity.metadata.name}`,
      entity,
    ]),
  );
}

async function until(
  isTrue: (found: Record<string, Entity>) => boolean,
): Promise<Record<string, Entity>> {
  for (;;) {
    await scheduler.triggerTask('read-fleet');
    const found = await entities();
    if (isTrue(found)) return found;
    await new Promise(resolve => {
      setTimeout(resolve, 50);
    });
  }
}

async function readTimes(count: number): Promise<void> {
  for (let time = 0; time < count; time++) {
    await scheduler.triggerTask('read-fleet');
  }
}

it('makes resources of clusters and sites that lead to the fleet pages', async () => {
  const found = await until(
    all =>
      Object.keys(all).length === 5 &&
      Object.values(all).every(({ relations = [] }) => relations.length > 1),
  );
  expect(new Set(told.asked)).toEqual(new Set(['plugin:catalog']));
  expect(found['cluster edge-north']).toMatchObject({
    metadata: {
      name: 'edge-north',
      annotations: { 'causeway.dev/fleet-cluster': 'edge-north' },
      links: [{ url: 'https://portal.example/fleet?cluster=edge-north' }],
    },
    spec: { owner: 'group:default/edge-operators' },
  });
  const sites = Object.values(found).filter(
    ({ spec }) => spec?.type === 'site',
  );
  expect(sites.map(({ metadata }) => metadata.name).sort()).toEqual([
    expect.stringMatching(
      /^edge-north-img-src-x-onerror-alert-1-x-[0-9a-f]{10}$/,
    ),
    'edge-north.oslo',
    'edge-south.oslo',
  ]);
  const [site] = sites.filter(
    ({ metadata }) => metadata.name === 'edge-north.oslo',
  );
  expect(site).toMatchObject({
    metadata: {
      title: 'Oslo',
      annotations: {
        'causeway.dev/fleet-site': 'oslo',
        'causeway.dev/coordinates': '59.91,10.75',
      },
      links: [{ url: 'https://portal.example/fleet/sites/edge-north/oslo' }],
    },
  });
  expect(
    site.relations?.map(({ type, targetRef }) => `${type} ${targetRef}`).sort(),
  ).toEqual([
    'dependsOn resource:default/edge-north',
    'ownedBy group:default/edge-operators',
    'partOf system:default/edge',
  ]);
});

it('tells the catalog nothing while nothing really changes, and of a new title once', async () => {
  const stamps = async () =>
    Object.values(await entities()).map(({ metadata }) => metadata.etag);
  const before = await stamps();
  await readTimes(5);
  expect(await stamps()).toEqual(before);
  told.sites = told.sites.map(site =>
    site.site === 'oslo' ? { ...site, title: 'Oslo Alnabru' } : site,
  );
  await until(
    found => found['site edge-north.oslo'].metadata.title === 'Oslo Alnabru',
  );
});

it('takes nothing away while a cluster was never heard, or the fleet does not answer', async () => {
  const all = told.sites;
  told.heard = false;
  told.sites = [
    ...all.filter(({ cluster }) => cluster === 'edge-south'),
    { cluster: 'edge-west', site: 'bergen', title: 'Bergen' },
  ];
  await until(found => found['site edge-west.bergen'] !== undefined);
  expect(await entities()).toHaveProperty('cluster edge-north');
  told.isDown = true;
  told.heard = true;
  await readTimes(3);
  expect(await entities()).toHaveProperty('cluster edge-north');
  told.isDown = false;
  await until(found => found['cluster edge-north'] === undefined);
  expect(Object.keys(await entities()).sort()).toEqual([
    'cluster edge-south',
    'cluster edge-west',
    'site edge-south.oslo',
    'site edge-west.bergen',
  ]);
});
