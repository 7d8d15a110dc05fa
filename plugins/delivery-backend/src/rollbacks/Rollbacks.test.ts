// SPDX-License-Identifier: Apache-2.0
import type { Knex } from 'knex';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import {
  accepted,
  Engines,
  until,
  untilPhase,
} from '../promotions/__fixtures__/engines';
import {
  memoryWorld,
  type MemoryWorld,
} from '../promotions/__fixtures__/memoryWorld';
import {
  aPipeline,
  aRelease,
  omar,
  service,
} from '../promotions/__fixtures__/parcelVision';
import type { PromotionEngine } from '../promotions/createPromotionEngine';

const databases = EmptyDatabases.create();
const old = aRelease(0);
const fresh = aRelease(1);
const signal = new AbortController().signal;

jest.setTimeout(60_000);

describe.each(databases.eachSupportedId())('rollbacks on %s', id => {
  let database: Knex;
  let world: MemoryWorld;
  let engines: Engines;
  let engine: PromotionEngine;

  beforeEach(async () => {
    database = await databases.take(id);
    world = memoryWorld(aPipeline([]));
    engines = new Engines(database, world);
    world.releases.report(old);
    world.settle(old, 'staging', 'production', 'edge');
    engine = engines.start();
    await engine.observer.observeAll();
    world.releases.report(fresh);
    await arrived('staging');
  });

  afterEach(async () => {
    await engines.stop();
  });

  async function arrived(stage: string, release = fresh): Promise<void> {
    const { promotion } = await until(async () => {
      const found = (await engine.promotions.byStage(service)).get(stage);
      const stored = found?.active ?? found?.last;
      return stored?.promotion.release.id === release.id && stored;
    });
    await untilPhase(engine, promotion.id, 'succeeded');
  }

  async function promote(stage: string): Promise<void> {
    const command = { service, stage, release: fresh.id };
    accepted(await engine.promotions.request(command, omar));
    await arrived(stage);
  }

  it('takes several stages back to what ran before in one action, with reason, and the portal does not promote it again', async () => {
    await promote('production');
    await promote('edge');
    const command = {
      service,
      stages: ['production', 'edge', 'staging'],
      reason: 'Misreads rotated labels',
    };
    const plan = accepted(await engine.rollbacks.plan(command, signal));
    expect(
      plan.stages.map(({ stage, from, to }) => [
        stage,
        from?.version,
        to?.version,
      ]),
    ).toEqual([
      ['production', '2.8.1', '2.8.0'],
      ['edge', '2.8.1', '2.8.0'],
      ['staging', '2.8.1', '2.8.0'],
    ]);
    expect(world.fleet.commits).toHaveLength(3);
    const outcome = accepted(await engine.rollbacks.request(command, omar));
    expect(outcome.promotions).toHaveLength(3);
    for (const { promotion } of outcome.promotions) {
      expect(promotion).toMatchObject({
        kind: 'rollback',
        rollback: outcome.rollback,
        replaces: { version: '2.8.1' },
        release: { version: '2.8.0' },
      });
      await untilPhase(engine, promotion.id, 'succeeded');
    }
    expect(world.fleet.commits).toHaveLength(6);
    const [{ promotion: production }] = outcome.promotions;
    expect(
      world.fleet.commits.find(each => each.promotion === production.id),
    ).toMatchObject({
      subject: 'Roll back parcel-vision in production to 2.8.0',
      trailers: expect.arrayContaining([
        ['Kind', 'rollback'],
        ['Reason', 'Misreads rotated labels'],
      ]),
    });
    await engine.observer.observeAll();
    await new Promise(resume => setTimeout(resume, 200));
    const staging = (await engine.promotions.byStage(service)).get('staging');
    expect(staging).toMatchObject({
      last: { promotion: { kind: 'rollback' } },
    });
    expect(staging?.active).toBeUndefined();
    world.releases.report(aRelease(2));
    await arrived('staging', aRelease(2));
  });

  it('makes a promotion that is being rolled out give way, and writes after it', async () => {
    world.clusters.idle.add('production');
    const command = { service, stage: 'production', release: fresh.id };
    const running = accepted(
      await engine.promotions.request(command, omar),
    ).stored;
    await until(async () =>
      world.clusters.asked.some(each => each.startsWith('production')),
    );
    world.clusters.idle.delete('production');
    const outcome = accepted(
      await engine.rollbacks.request(
        { service, stages: ['production'], reason: 'Wrong one' },
        omar,
      ),
    );
    const [{ promotion }] = outcome.promotions;
    expect(promotion).toMatchObject({
      supersedes: [running.promotion.id],
      release: { version: '2.8.0' },
    });
    await untilPhase(engine, running.promotion.id, 'superseded');
    await untilPhase(engine, promotion.id, 'succeeded');
    expect(world.fleet.commits.map(each => each.promotion).slice(-2)).toEqual([
      running.promotion.id,
      promotion.id,
    ]);
  });

  it('needs no readable newest document', async () => {
    await promote('production');
    world.pipelines.breakDocument();
    const outcome = accepted(
      await engine.rollbacks.request(
        { service, stages: ['production'], reason: 'Faulty' },
        omar,
      ),
    );
    const { promotion } = outcome.promotions[0];
    const done = await untilPhase(engine, promotion.id, 'succeeded');
    expect(done.promotion.release.version).toBe('2.8.0');
  });

  it('refuses all stages when one can not go back, and writes nothing', async () => {
    await promote('production');
    const before = world.fleet.commits.length;
    const ask = async (change: object) => {
      const outcome = await engine.rollbacks.request(
        { service, stages: ['production'], reason: 'Faulty', ...change },
        omar,
      );
      return 'code' in outcome ? outcome.code : outcome.kind;
    };
    expect(await ask({ stages: ['production', 'moon'] })).toBe('unknownStage');
    expect(
      await ask({ stages: ['production', 'edge'], release: fresh.id }),
    ).toBe('alreadyThere');
    expect(await ask({ release: 'release-9' })).toBe('neverRanHere');
    expect(await ask({ stages: ['edge'] })).toBe('nothingToGoBackTo');
    expect(await ask({ reason: ' ' })).toBe('reasonNeeded');
    expect(await ask({ service: 'component:default/nothing' })).toBe(
      'unknownService',
    );
    expect(world.fleet.commits).toHaveLength(before);
  });
});
