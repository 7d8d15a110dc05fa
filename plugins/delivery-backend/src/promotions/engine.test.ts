// SPDX-License-Identifier: Apache-2.0
import {
  usualCanaryStrategy as strategy,
  type Stage,
} from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { accepted, Engines, until, untilPhase } from './__fixtures__/engines';
import { memoryWorld, type MemoryWorld } from './__fixtures__/memoryWorld';
import {
  aPipeline,
  approval,
  aRelease,
  aTarget,
  jonas,
  mia,
  omar,
  service,
  soak,
} from './__fixtures__/parcelVision';
import type { PromotionEngine } from './createPromotionEngine';

const databases = EmptyDatabases.create();
const old = aRelease(0);
const fresh = aRelease(1);

jest.setTimeout(60_000);

describe.each(databases.eachSupportedId())('the promotion engine on %s', id => {
  let database: Knex;
  let world: MemoryWorld;
  let engines: Engines;

  async function begin(pipeline = aPipeline()): Promise<void> {
    database = await databases.take(id);
    world = memoryWorld(pipeline);
    engines = new Engines(database, world);
    world.releases.report(old);
    world.settle(old, 'staging', 'production', 'edge');
  }

  afterEach(async () => {
    await engines.stop();
  });

  function inStage(engine: PromotionEngine, stage: string) {
    return until(async () => {
      const stages = await engine.promotions.byStage(service);
      const found = stages.get(stage);
      return found?.active ?? found?.last;
    });
  }

  async function arriveInStaging(engine: PromotionEngine): Promise<void> {
    await until(async () => {
      const { observations } = await engine.observer.survey(aPipeline());
      return observations.some(({ arrivedAt }) => arrivedAt);
    });
    world.releases.report(fresh);
    const { promotion } = await inStage(engine, 'staging');
    await untilPhase(engine, promotion.id, 'succeeded');
  }

  async function askForProduction(engine: PromotionEngine, reason?: string) {
    const command = { service, stage: 'production', release: fresh.id, reason };
    return accepted(await engine.promotions.request(command, omar)).stored
      .promotion.id;
  }

  it('leaves a stage alone where nothing runs yet and Git declares a newer release', async () => {
    database = await databases.take(id);
    world = memoryWorld();
    engines = new Engines(database, world);
    world.releases.report(old);
    const { fleet, stages } = aPipeline();
    await world.fleet.commit({
      location: fleet,
      promotion: 'by-hand',
      targets: stages.flatMap(({ targets }) => targets),
      images: fresh.images,
      author: { name: 'Mia', email: 'mia@example.org' },
      subject: 'Install the newest',
      trailers: [],
    });
    const asked = jest.spyOn(world.fleet, 'declaredImages');
    const engine = engines.start();
    await until(async () => asked.mock.calls.length > 0);
    const before = asked.mock.calls.length;
    world.releases.report(fresh);
    // A second look shows that the first has come to its decision, and a third the second.
    await until(async () => asked.mock.calls.length > before);
    world.releases.report(aRelease(-1));
    await until(async () => asked.mock.calls.length > before + 1);
    expect((await engine.promotions.byStage(service)).get('staging')).toEqual(
      undefined,
    );
  });

  it('brings a reported release to staging by itself and to production after an approval', async () => {
    await begin();
    const engine = engines.start();
    await arriveInStaging(engine);
    const promotion = await askForProduction(engine, 'Labels on belt 4');
    const waiting = await until(async () => {
      const stored = await engine.promotions.get(promotion);
      return stored && stored.unmet.length > 0 && stored;
    });
    expect(waiting.unmet).toMatchObject([{ code: 'needsApproval' }]);
    accepted(await engine.promotions.approve(promotion, {}, jonas));
    const done = await untilPhase(engine, promotion, 'succeeded');
    expect(done.promotion).toMatchObject({
      replaces: { version: '2.8.0' },
      approvals: [{ by: jonas }],
      verdicts: [{ verdict: 'passed', code: 'approved' }],
      proof: [{ target: 'production/flux-system/parcel-vision', replicas: 2 }],
    });
    const [, commit] = world.fleet.commits;
    expect(commit.author).toEqual({
      name: 'omar',
      email: 'omar@norden.example',
    });
    expect(commit.subject).toBe('Promote parcel-vision 2.8.1 to production');
    expect(commit.trailers).toEqual([
      ['Release', '2.8.1'],
      ['Stage', 'production'],
      ['Kind', 'promotion'],
      ['Approved-by', 'jonas <jonas@norden.example>'],
      ['Requested-by', 'omar <omar@norden.example>'],
      ['Reason', 'Labels on belt 4'],
    ]);
    expect(
      (await engine.promotions.events(promotion)).map(({ type }) => type),
    ).toEqual([
      'requested',
      'approved',
      'gatesPassed',
      'committed',
      'reconcileRequested',
      'targetApplied',
      'succeeded',
    ]);
    await expect(engine.log.verify()).resolves.toMatchObject({ intact: true });
  });

  it('refuses what the rules forbid, and says why', async () => {
    await begin();
    const engine = engines.start();
    const ask = async (change: object) => {
      const command = {
        service,
        stage: 'production',
        release: fresh.id,
        ...change,
      };
      const outcome = await engine.promotions.request(command, omar);
      return 'code' in outcome ? outcome.code : outcome.kind;
    };
    expect(await ask({ service: 'component:default/nothing' })).toBe(
      'unknownService',
    );
    expect(await ask({ stage: 'moon' })).toBe('unknownStage');
    expect(await ask({ stage: 'ci', release: old.id })).toBe(
      'stageWithoutTargets',
    );
    expect(await ask({ release: 'release-9' })).toBe('unknownRelease');
    expect(await ask({ release: old.id })).toBe('alreadyThere');
    await arriveInStaging(engine);
    expect(await ask({ stage: 'edge' })).toBe('stageBeforeNotReached');
    const promotion = await askForProduction(engine);
    expect(await ask({})).toBe('alreadyRequested');
    const { promotions } = engine;
    await expect(promotions.approve(promotion, {}, mia)).resolves.toMatchObject(
      {
        code: 'ownRelease',
      },
    );
    await expect(
      promotions.approve(promotion, {}, omar),
    ).resolves.toMatchObject({
      code: 'ownRelease',
    });
    await expect(
      promotions.approve(promotion, {}, 'user:default/lena'),
    ).resolves.toMatchObject({ code: 'notInGroup' });
    await expect(
      promotions.reject(promotion, {}, jonas),
    ).resolves.toMatchObject({
      code: 'reasonNeeded',
    });
    accepted(
      await promotions.reject(promotion, { reason: 'Not today' }, jonas),
    );
    await expect(
      promotions.approve(promotion, {}, jonas),
    ).resolves.toMatchObject({
      code: 'notWaiting',
    });
    world.pipelines.breakDocument();
    expect(await ask({})).toBe('invalidPipeline');
    expect(world.fleet.commits).toHaveLength(1);
  });

  it('lists an approval first for whom it waits, and says to others why not', async () => {
    await begin();
    const engine = engines.start();
    await arriveInStaging(engine);
    const promotion = await askForProduction(engine);
    await expect(engine.promotions.approvals(jonas)).resolves.toMatchObject([
      { mine: true, stored: { promotion: { id: promotion } } },
    ]);
    await expect(engine.promotions.approvals(mia)).resolves.toMatchObject([
      { mine: false, whyNot: { code: 'ownRelease' } },
    ]);
    accepted(await engine.promotions.approve(promotion, {}, jonas));
    await untilPhase(engine, promotion, 'succeeded');
    await expect(engine.promotions.approvals(jonas)).resolves.toEqual([]);
  });

  it('withdraws an approval when the declared targets change, and asks again', async () => {
    await begin(aPipeline([approval, soak]));
    const engine = engines.start();
    await arriveInStaging(engine);
    const promotion = await askForProduction(engine);
    accepted(await engine.promotions.approve(promotion, {}, jonas));
    world.pipelines.change({
      images: ['registry.norden.example/parcel-vision', 'x'],
    });
    await until(async () => {
      const events = await engine.promotions.events(promotion);
      return events.find(({ type }) => type === 'reconfigured');
    });
    const stored = await engine.promotions.get(promotion);
    expect(stored?.promotion).toMatchObject({
      phase: 'waiting',
      approvals: [],
    });
  });

  it('opens the soak gate after the watched time, also over a restart', async () => {
    await begin(aPipeline([soak]));
    const first = engines.start();
    await arriveInStaging(first);
    const promotion = await askForProduction(first);
    const waiting = await until(async () => {
      const stored = await first.promotions.get(promotion);
      return stored?.unmet.find(({ code }) => code === 'soaking');
    });
    expect(waiting.expected).toBeDefined();
    await first.observer.observeAll();
    world.clock.advance(20_000);
    await first.observer.observeAll();
    await engines.stop();
    const second = engines.start();
    await expect(
      second.promotions.gatesFor({
        service,
        stage: 'production',
        release: fresh.id,
      }),
    ).resolves.toMatchObject([{ verdict: 'waiting', code: 'soaking' }]);
    world.clock.advance(15_000);
    await untilPhase(second, promotion, 'succeeded');
  });

  it('waits for a cluster that is away, names it, and goes on when it is back', async () => {
    await begin();
    const engine = engines.start();
    await arriveInStaging(engine);
    const toProduction = await askForProduction(engine);
    accepted(await engine.promotions.approve(toProduction, {}, jonas));
    await untilPhase(engine, toProduction, 'succeeded');
    world.clusters.cut('edge-south');
    const command = { service, stage: 'edge', release: fresh.id };
    const { promotion } = accepted(
      await engine.promotions.request(command, omar),
    ).stored;
    const held = await until(async () => {
      const stored = await engine.promotions.get(promotion.id);
      return stored?.unmet.find(({ code }) => code === 'clusterUnknown');
    });
    expect(held).toMatchObject({
      target: 'edge-south/flux-system/parcel-vision',
      text: 'edge-south is unreachable: Connection refused.',
      since: expect.any(String),
    });
    world.clusters.restore('edge-south');
    await untilPhase(engine, promotion.id, 'succeeded');
  });

  it('fails with the reason when the push is refused, and nothing is half done', async () => {
    await begin();
    const engine = engines.start();
    world.fleet.protected = true;
    await until(async () => {
      const { observations } = await engine.observer.survey(aPipeline());
      return observations.length > 0;
    });
    world.releases.report(fresh);
    const { promotion } = await inStage(engine, 'staging');
    const failed = await untilPhase(engine, promotion.id, 'failed');
    expect(failed.promotion).toMatchObject({
      problem: {
        code: 'pushRefused',
        message: 'The push was refused ten times',
      },
    });
    expect(world.fleet.commits).toEqual([]);
  });

  it('waits while the fleet repository is down, says since when, and can be cancelled when it is back', async () => {
    await begin();
    const engine = engines.start();
    await arriveInStaging(engine);
    const promotion = await askForProduction(engine);
    world.fleet.down = true;
    accepted(await engine.promotions.approve(promotion, {}, jonas));
    await until(async () => {
      const stored = await engine.promotions.get(promotion);
      return stored?.unmet.find(({ code }) => code === 'fleetUnreachable');
    });
    accepted(await engine.promotions.cancel(promotion, { reason: 'No' }, omar));
    expect((await engine.promotions.get(promotion))?.promotion.phase).toBe(
      'writing',
    );
    world.fleet.down = false;
    world.clock.advance(15_000);
    await untilPhase(engine, promotion, 'cancelled');
    expect(world.fleet.commits).toHaveLength(1);
  });

  it('lets a newer request replace one that waits', async () => {
    await begin();
    const engine = engines.start();
    await arriveInStaging(engine);
    const older = await askForProduction(engine);
    const newest = aRelease(2);
    world.releases.report(newest);
    const staging = await until(async () => {
      const found = await inStage(engine, 'staging');
      return found.promotion.release.id === newest.id && found;
    });
    await untilPhase(engine, staging.promotion.id, 'succeeded');
    const command = { service, stage: 'production', release: newest.id };
    const newer = accepted(
      await engine.promotions.request(command, omar),
    ).stored;
    expect(newer.promotion.supersedes).toEqual([older]);
    await untilPhase(engine, older, 'superseded');
    await expect(
      engine.promotions.history({ service, stage: 'production', limit: 1 }),
    ).resolves.toMatchObject({
      items: [{ promotion: { id: newer.promotion.id } }],
      nextCursor: expect.any(String),
    });
  });

  it('plans without writing anything, against what the clusters have applied', async () => {
    await begin();
    const engine = engines.start();
    await arriveInStaging(engine);
    const command = { service, stage: 'production', release: fresh.id };
    const plan = accepted(
      await engine.promotions.plan(command, new AbortController().signal),
    );
    expect(plan).toMatchObject({
      replaces: { version: '2.8.0' },
      commits: [{ message: 'Change 1' }],
      diff: { known: true, value: { unchanged: 3 } },
      gates: [{ code: 'needsApproval' }],
      problems: [],
    });
    expect(world.fleet.previewedFrom).toEqual([
      world.clusters.targetState(aTarget('production')).flux
        ?.lastAppliedRevision,
    ]);
    const { active } =
      (await engine.promotions.byStage(service)).get('production') ?? {};
    expect(active).toBeUndefined();
  });

  it('says beforehand how a release gets its traffic', async () => {
    await begin();
    const engine = engines.start();
    const command = { service, stage: 'production', release: old.id };
    const said = async (change: Partial<Stage>) => {
      const { stages } = aPipeline();
      world.pipelines.change({
        stages: stages.map(stage => ({ ...stage, ...change })),
      });
      const plan = accepted(
        await engine.promotions.plan(command, new AbortController().signal),
      );
      return plan.consequences.slice(2);
    };
    expect(await said({})).toEqual(['Flux replaces 2.8.0 in production.']);
    // Nothing in the cluster gives it its traffic.
    expect(await said({ strategy })).toEqual([
      expect.stringContaining('production has none for this service'),
      expect.stringContaining('delivery:service:onboard'),
    ]);
  });

  it('announces everything at least once, also when announcing fails at first', async () => {
    await begin();
    const said: string[] = [];
    let failures = 1;
    const engine = engines.start({
      announce: async (promotion, events) => {
        if (failures-- > 0) throw new Error('The notifications are away');
        said.push(...events.map(({ type }) => `${promotion.stage} ${type}`));
      },
    });
    await arriveInStaging(engine);
    await until(async () => said.includes('staging succeeded'));
    expect(said).toContain('staging requested');
  });

  it('shares the work of many promotions between two engines, each written once', async () => {
    await begin();
    const [one] = [engines.start(), engines.start()];
    await arriveInStaging(one);
    for (let patch = 2; patch <= 6; patch++) {
      world.releases.report(aRelease(patch));
      await until(async () => {
        const { last, active } =
          (await one.promotions.byStage(service)).get('staging') ?? {};
        return !active && last?.promotion.release.id === `release-${patch}`;
      });
    }
    const promotions = world.fleet.commits.map(({ promotion }) => promotion);
    expect(new Set(promotions).size).toBe(promotions.length);
    expect(promotions).toHaveLength(6);
    await expect(one.log.verify()).resolves.toMatchObject({ intact: true });
  });

  it('asks each target for a reconcile once', async () => {
    await begin();
    const engine = engines.start();
    world.clusters.idle.add('staging');
    world.releases.report(fresh);
    const { promotion } = await inStage(engine, 'staging');
    await until(async () => world.clusters.asked.length > 0);
    for (let round = 0; round < 5; round++) {
      world.clusters.restore('staging');
      await new Promise(resume => setTimeout(resume, 20));
    }
    world.clusters.apply(aTarget('staging'));
    await untilPhase(engine, promotion.id, 'succeeded');
    expect(world.clusters.asked).toHaveLength(1);
  });
});
