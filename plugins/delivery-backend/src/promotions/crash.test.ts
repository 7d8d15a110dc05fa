// SPDX-License-Identifier: Apache-2.0
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  killPoints,
  type PromotionEventType,
} from '@causeway/plugin-delivery-common';
import type { EffectPoint } from '@causeway/plugin-delivery-node';
import { Engines, until, untilPhase } from './__fixtures__/engines';
import {
  aPipeline,
  aRelease,
  memoryWorld,
  service,
} from './__fixtures__/memoryWorld';

/** What the worker appends on the way of a promotion without gates. */
const appended: readonly PromotionEventType[] = [
  'gatesPassed',
  'committed',
  'reconcileRequested',
  'targetApplied',
  'succeeded',
];

const points: EffectPoint[] = [
  ...Object.entries(killPoints).flatMap(([effect, wheres]) =>
    wheres.map(where => ({
      at: 'effect' as const,
      effect: effect as keyof typeof killPoints,
      where,
    })),
  ),
  ...appended.flatMap(event =>
    (['before', 'after'] as const).map(where => ({
      at: 'append' as const,
      event,
      where,
    })),
  ),
];

function say(point: EffectPoint): string {
  return `${point.where} ${
    point.at === 'effect' ? point.effect : `recording ${point.event}`
  }`;
}

const databases = TestDatabases.create({ ids: ['POSTGRES_18', 'SQLITE_3'] });
jest.setTimeout(60_000);

/**
 * The process is replaced here by an engine that never comes back from the kill point; that a killed
 * process behaves so is shown with real processes elsewhere.
 */
describe.each(databases.eachSupportedId())('an engine that died on %s', id => {
  it.each(points.map(point => [say(point), point] as const))(
    '%s leaves a promotion that another one finishes, with one commit and an intact log',
    async (_name, killPoint) => {
      const database = await databases.init(id);
      const world = memoryWorld(aPipeline([]));
      const engines = await Engines.on(database, world);
      world.releases.report(aRelease(0));
      world.settle(aRelease(0), 'staging', 'production');
      let died: () => void = () => {};
      const dead = new Promise<void>(resume => {
        died = resume;
      });
      const first = engines.start({
        onEffect: point => {
          if (say(point) !== say(killPoint)) return undefined;
          died();
          return new Promise<void>(() => {});
        },
      });
      await first.observer.observeAll();
      world.releases.report(aRelease(1));
      await dead;
      engines.forget(first);
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
      await engines.stop();
    },
  );
});
