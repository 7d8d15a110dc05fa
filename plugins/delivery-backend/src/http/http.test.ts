// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@backstage/types';
import {
  createDeliveryClient,
  type PromotionRequest,
} from '@causeway/plugin-delivery-common';
import type request from 'supertest';
import {
  aReport,
  documentUrl,
  goodDocument,
  openPortal,
  problemOf,
  releaseSecret,
  service,
  until,
} from './__testUtils__/portal';

jest.setTimeout(60_000);

describe('the delivery API', () => {
  let portal: Awaited<ReturnType<typeof openPortal>>;
  let world: (typeof portal)['world'];
  /** Ids of releases by version, and of the promotion that the story is about. */
  let ids: Record<string, string>;

  const as = (name: string) => portal.as(name);
  const report: (typeof portal)['report'] = (body, how) =>
    portal.report(body, how);
  const pipelinePath = '/pipelines/default/component/parcel-vision';
  const wish = (
    version: string,
    stage: string,
    change: Partial<PromotionRequest> = {},
  ): PromotionRequest => ({
    service,
    stage,
    release: ids?.[version] ?? version,
    ...change,
  });

  async function target(stage: string) {
    const { body } = await as('mia').get(pipelinePath);
    return body.stages.find((one: { name: string }) => one.name === stage);
  }

  beforeAll(async () => {
    portal = await openPortal();
    world = portal.world;
    ids = portal.releases;
  });

  it('tells whoever asks that it is healthy, and nothing else', async () => {
    expect((await portal.anonymously('/health')).body).toEqual({
      status: 'ok',
    });
    for (const path of [pipelinePath, '/clusters', '/audit/export']) {
      expect((await portal.anonymously(path)).status).toBe(401);
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
      expect(problemOf(await portal.push('guessed'))).toBe('401 badSignature');

      const told = world.signals.length;
      world.files.set(
        documentUrl,
        goodDocument.replace('team-leads }', 'team-leads, count: none }'),
      );
      expect((await portal.push()).status).toBe(202);
      await until(() => world.signals.length > told);
      const { body } = await as('mia').get(pipelinePath);
      expect(body.document).toMatchObject({
        state: 'valid',
        problems: [{ line: 12, code: 'wrongType' }],
      });
      expect(body.stages).toHaveLength(3);

      world.files.set(documentUrl, goodDocument);
      await portal.push();
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
        'with a script for an address',
        () =>
          report(
            aReport('3.0.0', {
              commit: {
                ...aReport('3.0.0').commit,
                url: 'data:text/html,<script>alert(1)</script>',
              },
            }),
          ),
        '400 badReport',
      ],
      [
        'with a zero character, which no database takes',
        () =>
          report(
            aReport('3.0.0', {
              commit: { ...aReport('3.0.0').commit, message: 'Make\0 it' },
            }),
          ),
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

    it('lists the commits of the repository, or says that it could not', async () => {
      const plan = async () => {
        const { body } = await as('mia').post(
          '/promotions',
          wish('2.8.0', 'production', { dryRun: true }),
        );
        return [
          body.commits.map((commit: { message: string }) => commit.message),
          body.problems.map((problem: { code: string }) => problem.code),
        ];
      };
      const [reported, problems] = await plan();
      expect(reported).toContain('Make 2.8.0');
      expect(problems).toContain('commitsUnknown');
      world.history = [
        {
          sha: 'b'.repeat(40),
          message: 'Turn labels the right way round',
          author: 'Jonas Weber',
          time: '2026-05-07T13:40:00.000Z',
        },
      ];
      expect(await plan()).toEqual([
        ['Turn labels the right way round'],
        ['moreCommits'],
      ]);
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

    it.each([
      ['rollback', ['Wrong labels']],
      ['promotion', ['Labels']],
    ])(
      'shows nothing but a %s in history when asked',
      async (only, reasons) => {
        const path = `${pipelinePath}/history?stage=production&only=${only}`;
        const { body } = await as('lena').get(path);
        expect(body.items.map((item: { why: string }) => item.why)).toEqual(
          reasons,
        );
      },
    );
  });

  describe('through the typed client', () => {
    it('reads a pipeline once while it is unchanged', async () => {
      const client = portal.clientOf('lena');
      const first = await client.getPipeline(service);
      if (first.status !== 'changed') throw new Error('Nothing was answered');
      expect(first.view.stages).toHaveLength(3);
      expect(await client.getPipeline(service, { etag: first.etag })).toEqual({
        status: 'unchanged',
      });
    });

    it('rejects with the code, the sentence and the hint of the problem', async () => {
      const wished = portal
        .clientOf('lena')
        .requestPromotion(wish('2.8.0', 'production'));
      await expect(wished).rejects.toMatchObject({
        name: 'DeliveryProblem',
        status: 403,
        code: 'notPermitted',
        message: 'You may not promote to Production.',
        hint: expect.stringContaining('team-vision'),
      });
    });

    it('tells a portal that does not answer from a refusal', async () => {
      const client = createDeliveryClient({ baseUrl: 'http://127.0.0.1:9' });
      await expect(client.getClusters()).rejects.toMatchObject({
        status: 0,
        code: 'unreachable',
      });
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
