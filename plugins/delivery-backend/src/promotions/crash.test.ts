// SPDX-License-Identifier: Apache-2.0
import type {
  EffectKind,
  PromotionEventType,
} from '@causeway/plugin-delivery-common';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { accepted, Engines, until, untilPhase } from './__fixtures__/engines';
import { killPointsOf, sayPoint } from './__fixtures__/killPointsOf';
import { memoryWorld } from './__fixtures__/memoryWorld';
import {
  aPipeline,
  aRelease,
  aTarget,
  omar,
  service,
} from './__fixtures__/parcelVision';

/** What the worker appends on the way of a promotion without gates. */
const appended: readonly PromotionEventType[] = [
  'gatesPassed',
  'committed',
  'reconcileRequested',
  'targetApplied',
  'succeeded',
];

/** The same of a fast rollback where an engine compares. */
const appendedGoingBack: readonly PromotionEventType[] = [
  ...appended,
  'analysisRestored',
];

/** Which effects come on the way; a new one does not compile without its place. */
const onTheWay: Readonly<
  Record<EffectKind, 'always' | 'goingBack' | 'withOrders' | 'betweenColours'>
> = {
  writeCommit: 'always',
  requestReconcile: 'always',
  orderEngine: 'withOrders',
  restoreAnalysis: 'goingBack',
  switchColours: 'betweenColours',
  retireColours: 'betweenColours',
};

function effectsOn(
  ...ways: readonly (typeof onTheWay)[EffectKind][]
): readonly EffectKind[] {
  return (Object.keys(onTheWay) as EffectKind[]).filter(effect =>
    ways.includes(onTheWay[effect]),
  );
}

const databases = EmptyDatabases.create();
jest.setTimeout(60_000);

/**
 * The process is replaced here by an engine that never comes back from the kill point; that a killed
 * process behaves so is shown with real processes elsewhere.
 */
describe.each(databases.eachSupportedId())('an engine that died on %s', id => {
  let engines: Engines;

  afterEach(() => engines.stop());

  it.each(killPointsOf(effectsOn('always'), appended))(
    '%s leaves a promotion that another one finishes, with one commit and an intact log',
    async (_name, killPoint) => {
      const database = await databases.take(id);
      const world = memoryWorld(aPipeline([]));
      engines = new Engines(database, world);
      world.releases.report(aRelease(0));
      world.settle(aRelease(0), 'staging', 'production');
      const { engine: first, dead } = engines.startMortal(
        point => sayPoint(point) === sayPoint(killPoint),
      );
      await first.observer.observeAll();
      world.releases.report(aRelease(1));
      await dead;
      world.clock.advance(6_000);
      const second = engines.start();
      const staging = await until(async () => {
        const stages = await second.promotions.byStage(service);
        return stages.get('staging')?.active ?? stages.get('staging')?.last;
      });
      await untilPhase(second, staging.promotion.id, 'succeeded');
      expect(world.fleet.commits).toHaveLength(1);
      const events = await second.promotions.events(staging.promotion.id);
      // What the cluster shows goes before what was asked of it: a request that died unrecorded is
      // not repeated once it was answered.
      const types = events.map(({ type }) => type);
      expect(types.filter(type => type !== 'reconcileRequested')).toEqual([
        'requested',
        ...appended.filter(type => type !== 'reconcileRequested'),
      ]);
      expect(new Set(types).size).toBe(types.length);
      await expect(second.log.verify()).resolves.toMatchObject({
        intact: true,
      });
    },
  );

  it.each(killPointsOf(effectsOn('always', 'goingBack'), appendedGoingBack))(
    '%s leaves a fast rollback that another one finishes, and no engine that skips its analysis',
    async (_name, killPoint) => {
      const database = await databases.take(id);
      const world = memoryWorld(aPipeline([]));
      engines = new Engines(database, world);
      const target = aTarget('production');
      world.releases.report(aRelease(0));
      world.releases.report(aRelease(1));
      world.settle(aRelease(0), 'production');
      world.settle(aRelease(1), 'staging');
      world.fleet.canaries.add(target.path);
      let isArmed = false;
      const { engine: first, dead } = engines.startMortal(
        point => isArmed && sayPoint(point) === sayPoint(killPoint),
      );
      await first.observer.observeAll();
      world.clusters.run(target, aRelease(1));
      await first.observer.observeAll();
      world.clusters.showCanary(target, {
        phase: 'idle',
        weight: 0,
        end: 'promoted',
        stable: aRelease(1),
      });
      isArmed = true;
      const outcome = accepted(
        await first.rollbacks.request(
          {
            service,
            stages: ['production'],
            release: aRelease(0).id,
            reason: 'Belts stop',
          },
          omar,
        ),
      );
      const [{ promotion }] = outcome.promotions;
      // The engine takes the old version up without comparing as soon as Flux brings it.
      const applied = until(async () => {
        const { canary } = world.clusters.targetState(target);
        return canary?.declared.some(each => each.includes(':2.8.0@'));
      }).then(() =>
        world.clusters.showCanary(target, {
          phase: 'idle',
          weight: 0,
          end: 'fastPromoted',
          stable: aRelease(0),
        }),
      );
      await dead;
      world.clock.advance(6_000);
      const second = engines.start();
      await untilPhase(second, promotion.id, 'succeeded');
      await applied;
      await until(async () => world.fleet.restored.length > 0);
      const events = await until(async () => {
        const found = await second.promotions.events(promotion.id);
        return found.at(-1)?.type === 'analysisRestored' && found;
      });
      expect(world.fleet.commits).toMatchObject([
        { promotion: promotion.id, hurry: true },
      ]);
      expect(world.fleet.skipping.size).toBe(0);
      expect(world.fleet.restored).toEqual([promotion.id]);
      const types = events.map(({ type }) => type);
      const optional = [
        'reconcileRequested',
        'targetBlocked',
        'targetUnblocked',
        'canaryMoved',
      ];
      expect(types.filter(type => !optional.includes(type))).toEqual([
        'requested',
        ...appendedGoingBack.filter(type => !optional.includes(type)),
      ]);
      await expect(second.log.verify()).resolves.toMatchObject({
        intact: true,
      });
    },
  );
});
