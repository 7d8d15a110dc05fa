// SPDX-License-Identifier: Apache-2.0
import { createHmac, randomUUID } from 'node:crypto';
import {
  coreServices,
  createServiceFactory,
  type BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { permissionsServiceFactory } from '@backstage/backend-defaults/permissions';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { NotFoundError } from '@backstage/errors';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import type { JsonObject } from '@backstage/types';
import type {
  PromotionRequest,
  Release,
  ReleaseReport,
} from '@causeway/plugin-delivery-common';
import request from 'supertest';
import type { ClusterStatus } from '../clusters/Clusters';
import { createDeliveryPlugin } from '../plugin';
import {
  MemoryClock,
  MemoryClusters,
  MemoryFleet,
} from '../promotions/__fixtures__/memoryWorld';
import { ApiDocument } from './ApiDocument';

jest.setTimeout(60_000);

const service = 'component:default/parcel-vision';
const repository = 'http://forge.example/norden/parcel-vision';
const documentUrl = `${repository}/delivery.yaml`;
const releaseSecret = 'the-long-release-secret-of-norden-parcel';
const webhookSecret = 'the-long-webhook-secret-of-norden-parcel';
const image = 'registry.norden.example/parcel-vision';

const goodDocument = `apiVersion: causeway.dev/v1
kind: Pipeline
images: [${image}]
namespace: sorting
stages:
  - { name: ci, kind: ci }
  - { name: staging, kind: cloud, targets: [cloud-staging] }
  - name: production
    kind: cloud
    targets: [cloud-production]
    gates:
      - approval: { group: team-leads }
`;

const groups: Record<string, string[]> = {
  mia: ['team-vision'],
  jonas: ['team-vision', 'team-leads'],
  omar: ['product-owners', 'team-leads'],
  ines: ['edge-operators', 'platform'],
  lena: [],
};

function user(name: string): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name, namespace: 'default' },
    spec: { profile: { displayName: name, email: `${name}@norden.example` } },
    relations: groups[name].map(group => ({
      type: 'memberOf',
      targetRef: `group:default/${group}`,
    })),
  };
}

function component(name: string, annotations: Record<string, string>): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: {
      name,
      namespace: 'default',
      annotations: {
        'backstage.io/source-location': `url:http://forge.example/norden/${name}/`,
        ...annotations,
      },
    },
    spec: { type: 'service', owner: 'team-vision' },
    relations: [{ type: 'ownedBy', targetRef: 'group:default/team-vision' }],
  };
}

/** What the tests change and look at behind the portal. */
function aWorld() {
  const clock = new MemoryClock();
  const fleet = new MemoryFleet();
  const memory = new MemoryClusters(fleet, clock);
  const names = ['cloud-staging', 'cloud-production'];
  return {
    fleet,
    memory,
    files: new Map([[documentUrl, goodDocument]]),
    signals: [] as JsonObject[],
    notifications: [] as string[],
    audited: [] as string[],
    clusters: {
      list: () =>
        names.map(
          (name): ClusterStatus => ({
            name,
            title: name,
            freshness: { state: 'live', seenAt: clock.now().toISOString() },
            objects: 0,
            revision: memory.revision(),
          }),
        ),
      targetState: memory.targetState.bind(memory),
      revision: memory.revision.bind(memory),
      subscribe: memory.subscribe,
      requestReconcile: memory.requestReconcile.bind(memory),
    },
  };
}

type World = ReturnType<typeof aWorld>;

async function startPortal(world: World) {
  const { server } = await startTestBackend({
    features: [
      createDeliveryPlugin(() => ({
        clusters: world.clusters,
        fleet: world.fleet,
        start() {},
        async stop() {},
      })),
      import('@backstage/plugin-permission-backend'),
      import('@causeway/plugin-permission-backend-module-delivery'),
      permissionsServiceFactory,
      // As in a real portal: a request for a user also names the plugin that makes it.
      createServiceFactory({
        service: coreServices.auth,
        deps: { plugin: coreServices.pluginMetadata },
        factory({ plugin }) {
          const auth = mockServices.auth({ pluginId: plugin.getId() });
          const forService = auth.getPluginRequestToken.bind(auth);
          return Object.assign(auth, {
            async getPluginRequestToken(
              options: Parameters<typeof forService>[0],
            ) {
              const { onBehalfOf } = options;
              return auth.isPrincipal(onBehalfOf, 'user')
                ? {
                    token: mockCredentials.user.token(
                      onBehalfOf.principal.userEntityRef,
                      { actor: { subject: `plugin:${plugin.getId()}` } },
                    ),
                  }
                : forService(options);
            },
          });
        },
      }),
      createServiceFactory({
        service: coreServices.userInfo,
        deps: {},
        factory: () => ({
          async getUserInfo(credentials: BackstageCredentials) {
            const { userEntityRef } = credentials.principal as {
              userEntityRef: string;
            };
            const name = userEntityRef.split('/')[1];
            return {
              userEntityRef,
              ownershipEntityRefs: [
                userEntityRef,
                ...groups[name].map(group => `group:default/${group}`),
              ],
            };
          },
        }),
      }),
      mockServices.rootConfig.factory({
        data: {
          permission: { enabled: true },
          delivery: {
            fleet: { repository: 'http://forge.example/norden/fleet' },
            releases: {
              secrets: [
                {
                  repository: 'http://forge.example/norden/*',
                  secret: releaseSecret,
                },
              ],
            },
            webhooks: { gitea: { secret: webhookSecret } },
          },
        },
      }),
      catalogServiceMock.factory({
        entities: [
          component('parcel-vision', {
            'causeway.dev/pipeline': `url:${documentUrl}`,
          }),
          component('plain', {}),
          ...Object.keys(groups).map(user),
        ],
      }),
      createServiceFactory({
        service: coreServices.urlReader,
        deps: {},
        factory: () => ({
          ...mockServices.urlReader.mock(),
          readUrl: async (url: string) => {
            const text = world.files.get(url);
            if (text === undefined) throw new NotFoundError(url);
            return { buffer: async () => Buffer.from(text) };
          },
        }),
      }),
      createServiceFactory({
        service: signalsServiceRef,
        deps: {},
        factory: () => ({
          async publish({ message }) {
            world.signals.push(message);
          },
        }),
      }),
      createServiceFactory({
        service: notificationService,
        deps: {},
        factory: () => ({
          async send({ payload }) {
            world.notifications.push(payload.title);
          },
        }),
      }),
      createServiceFactory({
        service: coreServices.auditor,
        deps: {},
        factory: () => ({
          async createEvent({ eventId }) {
            return {
              async success() {
                world.audited.push(`${eventId} succeeded`);
              },
              async fail({ meta }) {
                world.audited.push(`${eventId} failed ${meta?.code}`);
              },
            };
          },
        }),
      }),
    ],
  });
  return request.agent(server);
}

const operations = ApiDocument.load().operations();

/** Every answer of every test is held against the OpenAPI document. */
function holdAgainstDocument(response: request.Response) {
  const path = new URL(response.request.url).pathname.replace(
    '/api/delivery',
    '',
  );
  const method = response.request.method.toLocaleLowerCase('en');
  const operation = operations.find(
    one =>
      one.method === method &&
      new RegExp(`^${one.path.replace(/:\w+/g, '[^/]+')}$`).test(path),
  );
  if (!operation) throw new Error(`No operation for ${method} ${path}`);
  expect({
    operation: operation.id,
    problems: operation.validateAnswer(response.status, response.body),
  }).toEqual({ operation: operation.id, problems: [] });
}

describe('the delivery API', () => {
  let world: World;
  let portal: Awaited<ReturnType<typeof startPortal>>;
  const ids: Record<string, string> = {};

  function as(name: string) {
    const token = mockCredentials.user.header(`user:default/${name}`);
    const send = async (call: request.Test) => {
      const response = await call.set('Authorization', token);
      holdAgainstDocument(response);
      return response;
    };
    return {
      get: (path: string, headers: Record<string, string> = {}) =>
        send(portal.get(`/api/delivery${path}`).set(headers)),
      post: (
        path: string,
        body: object,
        headers: Record<string, string> = {},
      ) => send(portal.post(`/api/delivery${path}`).set(headers).send(body)),
    };
  }

  const problemOf = (response: request.Response) =>
    `${response.status} ${response.body.error?.code}`;

  function aReport(
    version: string,
    change: Partial<ReleaseReport> = {},
  ): ReleaseReport {
    return {
      service,
      repository,
      version,
      commit: {
        sha: createHmac('sha1', 'commit').update(version).digest('hex'),
        message: `Make ${version}`,
        author: 'Mia Lindqvist',
        authorRef: 'user:default/mia',
        time: '2026-05-07T13:50:00.000Z',
      },
      images: [
        {
          name: image,
          tag: version,
          digest: `sha256:${createHmac('sha256', 'image')
            .update(version)
            .digest('hex')}`,
        },
      ],
      ...change,
    };
  }

  async function report(
    body: object,
    how: { secret?: string; delivery?: string; seconds?: number } = {},
  ) {
    const raw = JSON.stringify(body);
    const timestamp = String(how.seconds ?? Math.floor(Date.now() / 1000));
    const delivery = how.delivery ?? randomUUID();
    const signature = createHmac('sha256', how.secret ?? releaseSecret)
      .update(`${timestamp}.${delivery}.${raw}`)
      .digest('hex');
    const response = await portal
      .post('/api/delivery/releases')
      .set({
        'Content-Type': 'application/json',
        'X-Causeway-Timestamp': timestamp,
        'X-Causeway-Delivery': delivery,
        'X-Causeway-Signature': `sha256=${signature}`,
      })
      .send(raw);
    holdAgainstDocument(response);
    return response;
  }

  const pipelinePath = '/pipelines/default/component/parcel-vision';
  const wish = (
    version: string,
    stage: string,
    change: Partial<PromotionRequest> = {},
  ): PromotionRequest => ({
    service,
    stage,
    release: ids[version] ?? version,
    ...change,
  });

  async function target(stage: string) {
    const { body } = await as('mia').get(pipelinePath);
    const found = body.stages.find(
      (one: { name: string }) => one.name === stage,
    );
    return found;
  }

  beforeAll(async () => {
    world = aWorld();
    portal = await startPortal(world);
    for (const [version, authorRef] of [
      ['2.7.0', 'user:default/mia'],
      ['2.8.0', 'user:default/jonas'],
    ]) {
      const base = aReport(version);
      const response = await report({
        ...base,
        commit: { ...base.commit, authorRef },
      });
      ids[version] = response.body.id;
    }
    const run = (cluster: string, version: string) =>
      world.memory.run(
        {
          cluster,
          path: `services/parcel-vision/overlays/${cluster}`,
          kustomization: { namespace: 'flux-system', name: 'parcel-vision' },
          workload: {
            kind: 'Deployment',
            namespace: 'sorting',
            name: 'parcel-vision',
          },
        },
        { images: aReport(version).images } as Release,
      );
    run('cloud-staging', '2.8.0');
    run('cloud-production', '2.7.0');
  });

  it('tells whoever asks that it is healthy, and nothing else', async () => {
    const response = await portal.get('/api/delivery/health');
    holdAgainstDocument(response);
    expect(response.body).toEqual({ status: 'ok' });
    const anonymous = mockCredentials.none.header();
    for (const path of [pipelinePath, '/clusters', '/audit/export']) {
      const refused = await portal
        .get(`/api/delivery${path}`)
        .set('Authorization', anonymous);
      expect(refused.status).toBe(401);
    }
  });

  describe('pipelines', () => {
    it('shows what runs where and what the viewer may do', async () => {
      const { body } = await as('mia').get(pipelinePath);
      expect(
        body.stages.map(
          (stage: {
            name: string;
            state: { word: string };
            release?: { version: string };
            candidate?: { version: string };
          }) => [
            stage.name,
            stage.state.word,
            stage.release?.version,
            stage.candidate?.version,
          ],
        ),
      ).toEqual([
        ['ci', 'Verified', '2.8.0', undefined],
        ['staging', 'Healthy', '2.8.0', undefined],
        ['production', 'Healthy', '2.7.0', '2.8.0'],
      ]);
      const [promote] = body.stages[2].allowedActions;
      expect(promote).toMatchObject({ action: 'promote', allowed: true });
      const { body: lenas } = await as('lena').get(pipelinePath);
      expect(lenas.stages[2].allowedActions[0]).toMatchObject({
        allowed: false,
        reasons: [
          { code: 'notPermitted', owners: ['group:default/team-vision'] },
        ],
      });
    });

    it('answers 304 while nothing changed, and anew when something did', async () => {
      const { headers } = await as('omar').get(pipelinePath);
      const known = { 'If-None-Match': headers.etag };
      expect((await as('omar').get(pipelinePath, known)).status).toBe(304);
      expect(headers['cache-control']).toContain('private');
      world.memory.cut('cloud-production');
      const changed = await as('omar').get(pipelinePath, known);
      expect(changed.status).toBe(200);
      expect(changed.body.stages[2].state.word).toBe('Unreachable');
      expect(changed.body.stages[1].state.word).toBe('Healthy');
      world.memory.restore('cloud-production');
      await as('omar').get(pipelinePath);
    });

    it.each([
      ['/pipelines/default/component/none', '404 unknownService'],
      ['/pipelines/default/component/plain', '404 noPipeline'],
    ])('says what is missing at %s', async (path, problem) => {
      expect(problemOf(await as('mia').get(path))).toBe(problem);
    });

    it('finds every problem of a document without storing it', async () => {
      const { body } = await as('mia').post('/pipelines/validate', {
        service,
        document: goodDocument
          .replace('cloud-staging', 'cloud-stagin')
          .replace('kind: ci', 'kind: 7'),
      });
      expect(
        body.problems.map((problem: { code: string; line: number }) => [
          problem.line,
          problem.code,
        ]),
      ).toEqual([
        [6, 'unknownValue'],
        [7, 'unknownCluster'],
      ]);
    });

    it('keeps the last good document after a push broke it, and says where it is broken', async () => {
      const push = (secret: string) => {
        const raw = JSON.stringify({ repository: { html_url: repository } });
        return portal
          .post('/api/delivery/webhooks/gitea')
          .set({
            'Content-Type': 'application/json',
            'X-Gitea-Event': 'push',
            'X-Gitea-Signature': createHmac('sha256', secret)
              .update(raw)
              .digest('hex'),
          })
          .send(raw);
      };
      expect(problemOf(await push('guessed'))).toBe('401 badSignature');

      const told = world.signals.length;
      world.files.set(
        documentUrl,
        goodDocument.replace('team-leads }', 'team-leads, count: none }'),
      );
      expect((await push(webhookSecret)).status).toBe(202);
      await until(() => world.signals.length > told);
      const { body } = await as('mia').get(pipelinePath);
      expect(body.document).toMatchObject({
        state: 'valid',
        problems: [{ line: 12, code: 'wrongType' }],
      });
      expect(body.stages).toHaveLength(3);

      world.files.set(documentUrl, goodDocument);
      await push(webhookSecret);
      await until(async () => {
        const { body: mended } = await as('mia').get(pipelinePath);
        return mended.document.problems.length === 0;
      });
    });
  });

  describe('release reports', () => {
    it('takes the same delivery again, and nothing that differs', async () => {
      const delivery = randomUUID();
      const first = await report(aReport('2.7.1'), { delivery });
      const again = await report(aReport('2.7.1'), { delivery });
      expect([first.status, again.status]).toEqual([201, 200]);
      expect(again.body).toEqual(first.body);
      expect(problemOf(await report(aReport('2.7.2'), { delivery }))).toBe(
        '409 deliveryReused',
      );
      const [changed] = aReport('other').images;
      expect(
        problemOf(await report(aReport('2.7.1', { images: [changed] }))),
      ).toBe('409 releaseExists');
    });

    it.each<[string, () => Promise<request.Response>, string]>([
      [
        'signed with a wrong secret',
        () => report(aReport('3.0.0'), { secret: 'guessed' }),
        '401 badSignature',
      ],
      [
        'replayed after ten minutes',
        () => report(aReport('3.0.0'), { seconds: Date.now() / 1000 - 600 }),
        '401 staleReport',
      ],
      [
        'for a service that nobody knows',
        () => report(aReport('3.0.0', { service: 'component:default/none' })),
        '404 unknownService',
      ],
      [
        'from the repository of another service',
        () =>
          report(
            aReport('3.0.0', {
              repository: 'http://forge.example/norden/plain',
            }),
          ),
        '403 wrongRepository',
      ],
      [
        'without the image that the pipeline names',
        () =>
          report(
            aReport('3.0.0', {
              images: [{ ...aReport('3.0.0').images[0], name: 'other' }],
            }),
          ),
        '400 badReport',
      ],
      [
        'with a field that is not known',
        () => report({ ...aReport('3.0.0'), verified: true }),
        '400 badReport',
      ],
      [
        'that is too large',
        () => report({ ...aReport('3.0.0'), padding: 'x'.repeat(1_100_000) }),
        '413 tooLarge',
      ],
    ])('refuses one %s', async (_what, send, problem) => {
      expect(problemOf(await send())).toBe(problem);
    });

    it('says nothing about secrets to whoever can not sign', async () => {
      const known = await report(aReport('3.0.0'), { secret: 'guessed' });
      const unknown = await report(
        aReport('3.0.0', { repository: 'http://elsewhere.example/a/b' }),
      );
      expect(unknown.body).toEqual(known.body);
      expect(JSON.stringify(known.body)).not.toContain(releaseSecret);
    });
  });

  describe('promotions', () => {
    it('plans without writing', async () => {
      const { status, body } = await as('lena').post(
        '/promotions',
        wish('2.8.0', 'production', { dryRun: true }),
      );
      expect(status).toBe(200);
      expect(body).toMatchObject({
        release: { version: '2.8.0' },
        replaces: { version: '2.7.0' },
        gates: [{ gate: 'Approval by team-leads', verdict: 'waiting' }],
      });
      expect((await target('production')).active).toBeUndefined();
    });

    it.each<[string, string, PromotionRequest | JsonObject, string]>([
      [
        'without the right',
        'lena',
        wish('2.8.0', 'production'),
        '403 notPermitted',
      ],
      [
        'of an unknown release',
        'mia',
        wish('nothing', 'production'),
        '404 unknownRelease',
      ],
      ['to an unknown stage', 'mia', wish('2.8.0', 'moon'), '404 unknownStage'],
      [
        'of an unknown service',
        'mia',
        wish('2.8.0', 'production', { service: 'component:default/none' }),
        '404 unknownService',
      ],
      ['to CI', 'mia', wish('2.8.0', 'ci'), '400 stageWithoutTargets'],
      ['of no shape', 'mia', { service }, '400 badRequest'],
    ])('refuses one %s', async (_what, who, body, problem) => {
      const late: PromotionRequest | JsonObject =
        body.release === '2.8.0' ? { ...body, release: ids['2.8.0'] } : body;
      expect(problemOf(await as(who).post('/promotions', late))).toBe(problem);
      expect((await target('production')).active).toBeUndefined();
    });

    it('records one promotion for one key, tells the approvers and audits both ends', async () => {
      const key = { 'Idempotency-Key': randomUUID() };
      const body = wish('2.8.0', 'production', { reason: 'Labels' });
      const first = await as('mia').post('/promotions', body, key);
      expect(first.status).toBe(202);
      ids.promotion = first.body.id;
      const again = await as('mia').post('/promotions', body, key);
      expect(again.body).toEqual(first.body);
      expect(
        problemOf(
          await as('mia').post(
            '/promotions',
            { ...body, reason: 'Other' },
            key,
          ),
        ),
      ).toBe('409 conflict');
      expect(problemOf(await as('mia').post('/promotions', body))).toMatch(
        /^409 (alreadyRequested|promotionRunning)$/,
      );
      await until(() =>
        world.notifications.includes(
          'parcel-vision 2.8.0 waits for your approval to enter Production',
        ),
      );
      expect(world.audited).toEqual(
        expect.arrayContaining([
          'promotion-request succeeded',
          'promotion-request failed notPermitted',
        ]),
      );
    });

    it('shows everybody what it waits for, and those who may decide that it waits for them', async () => {
      const { body: jonas } = await as('jonas').get('/approvals');
      expect(jonas.items).toMatchObject([
        { mine: false, promotion: { id: ids.promotion } },
      ]);
      expect(jonas.items[0].whyNot).toContain('somebody else');
      const { body: omar } = await as('omar').get('/approvals');
      expect(omar.items).toMatchObject([
        { mine: true, promotion: { state: { key: 'you' } } },
      ]);
      const { body: page } = await as('omar').get(pipelinePath);
      expect(page.sentence).toMatchObject({
        key: 'you',
        promotion: ids.promotion,
      });
    });

    it.each<[string, string, object, string]>([
      ['by a developer', 'mia', { decision: 'approve' }, '403 notPermitted'],
      [
        'by the author of the release',
        'jonas',
        { decision: 'approve' },
        '403 ownRelease',
      ],
      [
        'without being in the group',
        'ines',
        { decision: 'approve' },
        '403 notInGroup',
      ],
      [
        'to reject without a reason',
        'omar',
        { decision: 'reject' },
        '400 reasonNeeded',
      ],
      [
        'of a kind that is not known',
        'omar',
        { decision: 'maybe' },
        '400 badRequest',
      ],
    ])('refuses a decision %s', async (_what, who, decision, problem) => {
      const path = `/promotions/${ids.promotion}/decision`;
      expect(problemOf(await as(who).post(path, decision))).toBe(problem);
    });

    it('goes on after the approval until the cluster proves it', async () => {
      const path = `/promotions/${ids.promotion}`;
      const approved = await as('omar').post(`${path}/decision`, {
        decision: 'approve',
        reason: 'Verified in staging',
      });
      expect(approved.status).toBe(202);
      await until(async () => {
        const { body } = await as('omar').get(path);
        return body.promotion.phase === 'succeeded';
      });
      const { body } = await as('omar').get(path);
      expect(body.events.map((event: { type: string }) => event.type)).toEqual(
        expect.arrayContaining([
          'requested',
          'approved',
          'committed',
          'succeeded',
        ]),
      );
      expect(world.fleet.commits).toHaveLength(1);
      const { body: history } = await as('lena').get(`${pipelinePath}/history`);
      expect(history.items[0]).toMatchObject({
        stage: 'production',
        state: { word: 'Succeeded' },
        who: 'user:default/mia',
      });
      expect(problemOf(await as('omar').post(`${path}/cancel`, {}))).toMatch(
        /^409 /,
      );
    });

    it.each([
      ['get', '/promotions/none'],
      ['post', '/promotions/none/decision'],
      ['post', '/promotions/none/cancel'],
    ] as const)(
      'says that there is no such promotion: %s %s',
      async (method, path) => {
        const response =
          method === 'get'
            ? await as('omar').get(path)
            : await as('omar').post(
                path,
                path.endsWith('cancel') ? {} : { decision: 'approve' },
              );
        expect(problemOf(response)).toBe('404 unknownPromotion');
      },
    );
  });

  describe('rollbacks', () => {
    const back = (change: object = {}) => ({
      service,
      stages: ['production'],
      reason: 'Wrong labels',
      ...change,
    });

    it('offers what ran before and plans without writing', async () => {
      const { body } = await as('omar').get(
        '/rollbacks/options/default/component/parcel-vision',
      );
      const production = body.stages.find(
        (one: { stage: string }) => one.stage === 'production',
      );
      expect(production).toMatchObject({
        allowed: true,
        current: { version: '2.8.0' },
      });
      const plan = await as('omar').post('/rollbacks', back({ dryRun: true }));
      expect(plan.body.stages).toMatchObject([
        { from: { version: '2.8.0' }, to: { version: '2.7.0' } },
      ]);
      expect(world.fleet.commits).toHaveLength(1);
    });

    it.each<[string, string, object, string]>([
      ['without the right', 'mia', {}, '403 notPermitted'],
      ['without a reason', 'omar', { reason: '' }, '400 badRequest'],
      [
        'to an unknown release',
        'omar',
        { release: 'none' },
        '404 unknownRelease',
      ],
      ['of an unknown stage', 'omar', { stages: ['moon'] }, '404 unknownStage'],
    ])('refuses one %s', async (_what, who, change, problem) => {
      expect(problemOf(await as(who).post('/rollbacks', back(change)))).toBe(
        problem,
      );
    });

    it('takes a stage back without asking gates', async () => {
      const { status, body } = await as('omar').post('/rollbacks', back());
      expect(status).toBe(202);
      await until(async () => {
        const answer = await as('omar').get(
          `/promotions/${body.promotions[0].id}`,
        );
        return answer.body.promotion.phase === 'succeeded';
      });
      await until(
        async () => (await target('production')).release.version === '2.7.0',
      );
      expect((await target('production')).state.word).toBe('Rolled back');
      await until(() =>
        world.notifications.includes(
          'Production was taken back to parcel-vision 2.7.0',
        ),
      );
    });
  });

  describe('operations', () => {
    it('lists the clusters for everybody', async () => {
      const { body } = await as('lena').get('/clusters');
      expect(body.items.map((one: { name: string }) => one.name)).toEqual([
        'cloud-staging',
        'cloud-production',
      ]);
    });

    it('lets only the platform team verify and export the log', async () => {
      for (const path of ['/audit/verify', '/audit/export']) {
        expect(problemOf(await as('omar').get(path))).toBe('403 notPermitted');
      }
      expect((await as('ines').get('/audit/verify')).body).toMatchObject({
        intact: true,
        streams: 2,
      });
      const lines = (await as('ines').get('/audit/export')).text
        .trim()
        .split('\n');
      expect(JSON.parse(lines[0])).toMatchObject({
        type: 'requested',
        version: 1,
      });
    });
  });
});

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  // Ends with the test's own timeout; the engine moves by itself meanwhile.
  while (!(await isTrue())) {
    await new Promise(resolve => {
      setTimeout(resolve, 25);
    });
  }
}
