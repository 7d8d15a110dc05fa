// SPDX-License-Identifier: Apache-2.0
import type {
  EffectKind,
  PromotionEventType,
  Target,
} from '@causeway/plugin-delivery-common';
import type { EffectPoint } from '@causeway/plugin-delivery-node';
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

/** What the worker does and appends on the way of a promotion between two colours. */
const forth: readonly PromotionEventType[] = [
  'gatesPassed',
  'coloursChosen',
  'committed',
  'reconcileRequested',
  'targetApplied',
  'switchBegun',
  'coloursSwitched',
  'colourServing',
];
const good: readonly PromotionEventType[] = [
  ...forth,
  'succeeded',
  'colourRetired',
];
/** The same where the new colour fails as soon as it serves. */
const bad: readonly PromotionEventType[] = [
  ...forth,
  'switchBackBegun',
  'coloursSwitchedBack',
  'failed',
  'colourRetired',
];
const effects: readonly EffectKind[] = [
  'writeCommit',
  'requestReconcile',
  'switchColours',
  'retireColours',
];
const target: Target = { ...aTarget('production'), coloured: true };

function colouredWorld(watch: number) {
  const { stages, ...pipeline } = aPipeline([]);
  const strategy = { watch, keep: 0, promotion: 'auto' as const };
  const world = memoryWorld({
    ...pipeline,
    stages: stages.map(stage =>
      stage.name === 'production'
        ? { ...stage, targets: [target], blueGreen: strategy }
        : stage,
    ),
  });
  world.releases.report(aRelease(0));
  world.releases.report(aRelease(1));
  world.settle(aRelease(1), 'staging');
  world.clusters.colour(target, aRelease(0));
  return world;
}

const databases = EmptyDatabases.create();
jest.setTimeout(60_000);

/** As for other promotions, an engine that never comes back from the kill point stands for a dead process. */
describe.each(databases.eachSupportedId())('an engine that died on %s', id => {
  let engines: Engines;

  afterEach(() => engines.stop());

  async function promoteAndDie(
    killPoint: EffectPoint,
    world: ReturnType<typeof colouredWorld>,
  ) {
    engines = new Engines(await databases.take(id), world);
    const { engine: first, dead } = engines.startMortal(
      point => sayPoint(point) === sayPoint(killPoint),
    );
    await first.observer.observeAll();
    const { promotion } = accepted(
      await first.promotions.request(
        { service, stage: 'production', release: aRelease(1).id },
        omar,
      ),
    ).stored;
    await dead;
    world.clock.advance(6_000);
    return { second: engines.start(), promotion };
  }

  const retired = (
    engine: Awaited<ReturnType<typeof promoteAndDie>>['second'],
    promotion: string,
  ) =>
    until(async () => {
      const events = await engine.promotions.events(promotion);
      return (
        events.at(-1)?.type === 'colourRetired' &&
        events
          .map(({ type }) => type)
          .filter(
            type =>
              type !== 'reconcileRequested' &&
              type !== 'targetBlocked' &&
              type !== 'targetUnblocked',
          )
      );
    });

  const kept = (events: readonly PromotionEventType[]) => [
    'requested',
    ...events.filter(type => type !== 'reconcileRequested'),
  ];

  it.each(killPointsOf(effects, good))(
    '%s leaves a switch that another one finishes, each step once',
    async (_name, killPoint) => {
      const world = colouredWorld(0);
      const { second, promotion } = await promoteAndDie(killPoint, world);
      await untilPhase(second, promotion.id, 'succeeded');
      expect(await retired(second, promotion.id)).toEqual(kept(good));
      expect(world.fleet.commits).toHaveLength(1);
      expect(world.fleet.colourSteps).toEqual([
        `new ${promotion.id}`,
        `retire ${promotion.id}`,
      ]);
      expect([...world.fleet.colours.values()]).toMatchObject([
        { selected: 'green', blue: { replicas: 0 }, green: { replicas: 2 } },
      ]);
    },
  );

  it.each(killPointsOf(effects, bad))(
    '%s leaves a switch back that another one finishes, each step once',
    async (_name, killPoint) => {
      const world = colouredWorld(3_600_000);
      // It fails the moment it serves.
      world.clusters.subscribe(() => {
        const { colours } = world.clusters.targetState(target);
        const isNew = colours?.live === 'green';
        if (isNew && colours.green.health === 'healthy') {
          world.clusters.sicken(target.cluster);
        }
      });
      const { second, promotion } = await promoteAndDie(killPoint, world);
      await untilPhase(second, promotion.id, 'failed');
      expect(await retired(second, promotion.id)).toEqual(kept(bad));
      expect(world.fleet.colourSteps).toEqual([
        `new ${promotion.id}`,
        `back ${promotion.id}`,
        `retire ${promotion.id}`,
      ]);
      expect([...world.fleet.colours.values()]).toMatchObject([
        { selected: 'blue', blue: { replicas: 2 }, green: { replicas: 0 } },
      ]);
    },
  );
});
