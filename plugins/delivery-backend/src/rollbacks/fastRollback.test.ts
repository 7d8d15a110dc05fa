// SPDX-License-Identifier: Apache-2.0
import {
  promotionView,
  type RollbackMode,
} from '@causeway/plugin-delivery-common';
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
  aTarget,
  omar,
  service,
} from '../promotions/__fixtures__/parcelVision';
import type { PromotionEngine } from '../promotions/createPromotionEngine';

const databases = EmptyDatabases.create();
const good = aRelease(0);
const faulty = aRelease(1);
const target = aTarget('production');
const signal = new AbortController().signal;

jest.setTimeout(60_000);

describe.each(databases.eachSupportedId())(
  'trap 6: going back after a canary has succeeded, on %s',
  id => {
    let database: Knex;
    let world: MemoryWorld;
    let engines: Engines;
    let engine: PromotionEngine;
    /** Promotions and what people were told of them. */
    const told: (readonly [string, string])[] = [];

    beforeEach(async () => {
      database = await databases.take(id);
      world = memoryWorld(aPipeline([]));
      engines = new Engines(database, world);
      world.releases.report(good);
      world.releases.report(faulty);
      world.settle(good, 'production');
      world.settle(faulty, 'staging');
      world.fleet.canaries.add(target.path);
      told.length = 0;
      engine = engines.start({
        async announce(promotion, events) {
          for (const { type } of events) told.push([promotion.id, type]);
        },
      });
      await engine.observer.observeAll();
      world.clusters.run(target, faulty);
      world.clusters.showCanary(target, {
        phase: 'idle',
        weight: 0,
        end: 'promoted',
        stable: faulty,
      });
      await engine.observer.observeAll();
    });

    afterEach(async () => {
      await engines.stop();
    });

    const wish = (mode?: RollbackMode) => ({
      service,
      stages: ['production'],
      release: good.id,
      reason: 'Belts stop',
      ...(mode && { mode }),
    });

    async function goBack(mode?: RollbackMode): Promise<string> {
      const { promotions } = accepted(
        await engine.rollbacks.request(wish(mode), omar),
      );
      return promotions[0].promotion.id;
    }

    async function plan(mode?: RollbackMode) {
      const { stages, consequences } = accepted(
        await engine.rollbacks.plan(wish(mode), signal),
      );
      return { canary: stages[0].canary, words: consequences.join(' ') };
    }

    async function flaggerTookItUp() {
      await until(async () =>
        world.clusters
          .targetState(target)
          .canary?.declared.some(each => each.includes(':2.8.0@')),
      );
      world.clusters.showCanary(target, {
        phase: 'idle',
        weight: 0,
        end: 'fastPromoted',
        stable: good,
      });
    }

    async function lastEvent(promotion: string, type: string) {
      await until(async () => {
        const events = await engine.promotions.events(promotion);
        return events.at(-1)?.type === type;
      });
    }

    it('says beforehand what fast and safe mean, and where even fast is slow', async () => {
      expect(await plan()).toEqual({
        canary: 'fast',
        words: expect.stringMatching(
          /goes back fast: .* tells Flagger in production to skip .* second commit/,
        ),
      });
      expect(await plan('safe')).toMatchObject({
        canary: 'fast',
        words: expect.stringContaining('step by step'),
      });
      world.fleet.canaries.clear();
      expect(await plan()).toMatchObject({
        canary: 'whole',
        words: expect.stringContaining('takes a whole canary in production'),
      });
      world.fleet.down = true;
      expect(await plan()).toMatchObject({
        canary: 'fast',
        words: expect.stringContaining('is not known now'),
      });
    });

    it('skips the analysis for the rollback, and for nothing after it', async () => {
      const promotion = await goBack();
      await flaggerTookItUp();
      const { promotion: done } = await untilPhase(
        engine,
        promotion,
        'succeeded',
      );
      expect(done).toMatchObject({ proof: [{ canary: 'fastPromoted' }] });
      await lastEvent(promotion, 'analysisRestored');
      expect(world.fleet.commits).toMatchObject([{ hurry: true }]);
      expect(world.fleet.skipping.size).toBe(0);
      expect(await engine.promotions.get(promotion)).toMatchObject({
        promotion: { phase: 'succeeded', skipsAnalysis: false },
        unmet: [],
      });
    });

    it('goes through all steps where people want it safe', async () => {
      const promotion = await goBack('safe');
      await flaggerTookItUp();
      await untilPhase(engine, promotion, 'succeeded');
      expect(world.fleet.commits).toMatchObject([{ hurry: false }]);
      expect(world.fleet.restored).toEqual([]);
    });

    it('takes it back when it gives way before the engine has acted', async () => {
      world.clusters.idle.add('production');
      const first = await goBack();
      await until(async () => world.fleet.skipping.get(target.path) === first);
      await lastEvent(first, 'reconcileRequested');
      const { promotions } = accepted(
        await engine.rollbacks.request(
          { ...wish('safe'), release: faulty.id },
          omar,
        ),
      );
      const next = promotions[0].promotion.id;
      await untilPhase(engine, first, 'superseded');
      await lastEvent(first, 'analysisRestored');
      await until(async () => world.fleet.commits.length === 2);
      expect(world.fleet.commits[1]).toMatchObject({
        promotion: next,
        hurry: false,
      });
      expect(world.fleet.skipping.size).toBe(0);
    });

    it('says that it could not take it back, and does so when it can, also after a restart', async () => {
      const promotion = await goBack();
      await until(async () => world.fleet.commits.length === 1);
      world.fleet.protected = true;
      await flaggerTookItUp();
      await untilPhase(engine, promotion, 'succeeded');
      const owing = await until(async () => {
        const stored = await engine.promotions.get(promotion);
        return stored && stored.unmet.length > 0 && stored;
      });
      expect(owing).toMatchObject({
        promotion: { skipsAnalysis: true },
        unmet: [{ code: 'retrying', text: 'The push was refused ten times' }],
      });
      expect(promotionView(owing)).toMatchObject({
        state: { word: 'Rolled back' },
        problem: {
          code: 'analysisSkipped',
          message: expect.stringContaining('still skip their analysis'),
        },
      });
      expect(told).toContainEqual([promotion, 'succeeded']);
      await engines.stop();
      world.fleet.protected = false;
      world.clock.advance(60_000);
      engine = engines.start();
      await lastEvent(promotion, 'analysisRestored');
      expect(world.fleet.skipping.size).toBe(0);
    });
  },
);
