// SPDX-License-Identifier: Apache-2.0
import { TestDatabases } from '@backstage/backend-test-utils';
import type { PromotionEventType } from '@causeway/plugin-delivery-common';
import type { EffectPoint } from '@causeway/plugin-delivery-node';
import { migrate } from '../database/__testUtils__/EmptyDatabases';
import {
  accepted,
  Engines,
  until,
  untilPhase,
} from '../promotions/__fixtures__/engines';
import { memoryWorld } from '../promotions/__fixtures__/memoryWorld';
import {
  aPipeline,
  aRelease,
  aTarget,
  omar,
  service,
} from '../promotions/__fixtures__/parcelVision';

// One for each test: what a dead engine still writes must not get into the log of the next.
const databases = TestDatabases.create({ ids: ['POSTGRES_18', 'SQLITE_3'] });
const old = aRelease(0);
const fresh = aRelease(1);
const target = aTarget('production');
const standing = {
  engine: 'argoRollouts',
  asks: [],
  takesOrders: true,
  revision: 'new',
  phase: 'progressing',
  weight: 25,
  pause: 'new/1/CanaryPauseStep',
  waitingFor: 'trafficIncrease',
  stable: old,
} as const;

jest.setTimeout(60_000);

const points: readonly EffectPoint[] = (['before', 'after'] as const).flatMap(
  (where): EffectPoint[] => [
    { at: 'effect', effect: 'orderEngine', where },
    { at: 'append', event: 'canaryOrdered', where },
  ],
);

function say(point: EffectPoint): string {
  return `${point.where} ${
    point.at === 'effect' ? point.effect : `recording ${point.event}`
  }`;
}

/**
 * The process is replaced here by an engine that never comes back from the kill point.
 */
describe.each(databases.eachSupportedId())('an engine that died on %s', id => {
  let engines: Engines;

  afterEach(() => engines.stop());

  it.each(points.map(point => [say(point), point] as const))(
    '%s leaves an order that another one gives, and that is followed once',
    async (_name, killPoint) => {
      const database = await databases.init(id);
      await migrate(database);
      const world = memoryWorld(aPipeline([]));
      engines = new Engines(database, world);
      world.releases.report(old);
      world.releases.report(fresh);
      world.settle(old, 'production', 'edge');
      world.settle(fresh, 'staging');
      world.clusters.showCanary(target, {
        ...standing,
        phase: 'idle',
        weight: 0,
        revision: 'old',
        pause: undefined,
        waitingFor: undefined,
      });
      const { engine: first, dead } = engines.startMortal(
        point => say(point) === say(killPoint),
      );
      await until(async () => {
        const { observations } = await first.observer.survey(aPipeline());
        return observations.some(
          ({ stage, arrivedAt }) => stage === 'staging' && arrivedAt,
        );
      });
      const { promotion } = accepted(
        await first.promotions.request(
          { service, stage: 'production', release: fresh.id },
          omar,
        ),
      ).stored;
      const happened = (type: PromotionEventType) =>
        until(async () =>
          (await first.promotions.events(promotion.id)).some(
            event => event.type === type,
          ),
        );
      await happened('targetApplied');
      // Until then it could be the version before that is told of.
      world.clock.advance(11_000);
      world.clusters.showCanary(target, standing);
      await happened('canaryBound');
      accepted(
        await first.promotions.steer(
          promotion.id,
          { action: 'abort', reason: 'Belts stop' },
          omar,
        ),
      );
      await dead;
      // The lease of the dead one runs out; what it told may have been followed or not.
      world.clock.advance(61_000);
      const second = engines.start();
      await until(async () => {
        const events = await second.promotions.events(promotion.id);
        return events.some(({ type }) => type === 'canaryOrdered');
      });
      world.clusters.showCanary(target, {
        ...standing,
        phase: 'failed',
        weight: 0,
        end: 'rolledBack',
        pause: undefined,
        waitingFor: undefined,
      });
      const failed = await untilPhase(second, promotion.id, 'failed');
      expect(failed.promotion).toMatchObject({
        problem: {
          code: 'canaryTakenBack',
          message: expect.stringContaining('Belts stop'),
        },
      });
      const given = world.clusters.ordered;
      // Giving it twice is harmless: the second finds it done.
      expect(given.length).toBeLessThanOrEqual(2);
      expect(new Set(given.map(order => JSON.stringify(order)))).toEqual(
        new Set([JSON.stringify({ kind: 'abort', revision: 'new' })]),
      );
      await expect(second.log.verify()).resolves.toMatchObject({
        intact: true,
      });
    },
  );
});
