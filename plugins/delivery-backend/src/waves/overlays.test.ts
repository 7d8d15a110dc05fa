// SPDX-License-Identifier: Apache-2.0
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { accepted, untilPhase } from '../promotions/__fixtures__/engines';
import {
  arriveInSpiteOf,
  hasArrived,
  killPointsOf,
} from './__testUtils__/deaths';
import { clustersOfOneNode, WaveStage } from './__testUtils__/WaveStage';
import type { WaveStep } from './WaveSteps';

/** Where a wave over overlays with one bad device may die; the templates of DaemonSets are not its own. */
const onTheWay: Readonly<
  Record<
    Exclude<WaveStep['at'], 'replace' | 'pull' | 'probe'>,
    readonly string[]
  >
> = {
  decide: ['order', 'failed', 'takenBack', 'proven'],
  commit: ['before', 'release'],
  recordCommit: ['before', 'release'],
  askFlux: ['before', 'release'],
  recordRequest: ['before', 'release'],
};

const databases = EmptyDatabases.create();
jest.setTimeout(120_000);

const bad = 'edge-north-oslo-2';
const gives = (device: string) => `${device}: 2.8.1`;
const puts = (device: string) => `${device}: 2.8.0`;

describe.each(databases.eachSupportedId())(
  'a wave over overlays of devices on %s',
  id => {
    let stage: WaveStage;

    beforeEach(async () => {
      stage = await WaveStage.startWithOverlays(await databases.take(id));
    });
    afterEach(() => stage.stop());

    it('gives nobody anything by the commit of the promotion', async () => {
      const { fleet } = stage.world;
      expect(
        fleet.commits.map(({ promotion, targets }) => [promotion, targets]),
      ).toEqual([[stage.id, []]]);
      expect(stage.steps()).toEqual([]);
    });

    it.each(killPointsOf(onTheWay))(
      'goes on where it was, each thing once, when its process died %s %s %s',
      async (...killPoint) => {
        const { edge } = stage;
        edge.bad.add(bad);
        await arriveInSpiteOf(killPoint, stage);
        expect(edge.names.filter(name => !edge.runsNewer(name))).toEqual([bad]);
        expect(stage.steps().flat().sort()).toEqual(
          [puts(bad), ...edge.names.map(gives)].sort(),
        );
        expect(edge.mostDown).toBe(1);
        expect(edge.replaced).toEqual([]);
        await expect(stage.engine.log.verify()).resolves.toMatchObject({
          intact: true,
        });
      },
    );

    it('gives nothing to a device that is away, and follows when it is back', async () => {
      const { edge } = stage;
      const away = 'edge-north-bergen-3';
      edge.away.add(away);
      const runner = stage.runner();
      await stage.untilWave(runner, hasArrived);
      await untilPhase(stage.engine, stage.id, 'succeeded');
      expect(stage.steps().flat()).not.toContain(gives(away));
      edge.away.clear();
      await stage.untilWave(runner, () => edge.runsNewer(away));
      expect(stage.steps().at(-1)).toEqual([gives(away)]);
    });

    it('puts an order back whose device went away before it was carried out', async () => {
      const { edge } = stage;
      let lost = '';
      const runner = stage.runner(({ at, where }) => {
        if (at !== 'recordCommit' || where !== 'after' || lost) return;
        [lost] = stage.steps()[0][0].split(':');
        edge.away.add(lost);
      });
      await stage.untilWave(runner, () =>
        stage.steps().flat().includes(puts(lost)),
      );
      expect(edge.runsNewer(lost)).toBe(false);
      edge.away.clear();
      await stage.untilWave(runner, () =>
        edge.names.every(name => edge.runsNewer(name)),
      );
    });

    it('leaves an overlay alone that somebody else changed, and its device out', async () => {
      const { edge, world } = stage;
      const [other] = edge.names;
      const path = [...world.fleet.overlays.keys()].find(each =>
        each.endsWith(other),
      )!;
      const runner = stage.runner();
      await stage.untilWave(runner, ({ overlays }) => overlays !== undefined);
      const theirs = [
        { ...world.fleet.overlays.get(path)![0], tag: 'by-hand' },
      ];
      world.fleet.overlays.set(path, theirs);
      await stage.untilWave(runner, hasArrived);
      expect(world.fleet.overlays.get(path)).toEqual(theirs);
      expect((await stage.wave())?.state?.devices).toContainEqual(
        expect.objectContaining({
          device: expect.objectContaining({ id: `edge-north/${other}` }),
          progress: expect.objectContaining({
            phase: 'excluded',
            reason: 'Somebody else changed its overlay in Git.',
          }),
        }),
      );
    });

    it('takes everything back by the same overlays when a person stops it', async () => {
      const { edge, engine } = stage;
      const runner = stage.runner();
      await stage.untilWave(
        runner,
        ({ report }) => (report?.counts.proven ?? 0) > 2,
      );
      const wave = accepted((await stage.wave())!);
      await engine.waves.say(wave, {
        command: { kind: 'stop', takeBack: true, reason: 'It is too loud.' },
        actor: 'user:default/omar',
      });
      await stage.untilWave(
        runner,
        ({ report }) => report?.state === 'stopped',
      );
      await untilPhase(engine, stage.id, 'failed');
      expect(edge.names.filter(name => edge.runsNewer(name))).toEqual([]);
      expect(edge.mostDown).toBe(1);
    });

    it('gives way to a rollback, which meets no order that nobody carried out', async () => {
      const { edge, world } = stage;
      let lost = '';
      const runner = stage.runner(({ at, where }) => {
        if (at !== 'recordCommit' || where !== 'after' || lost) return;
        const [latest] = stage.steps().at(-1) ?? [];
        if (stage.steps().length < 3) return;
        [lost] = latest.split(':');
        edge.away.add(lost);
      });
      await stage.untilWave(runner, () => lost !== '');
      await stage.goBack();
      await stage.untilWave(runner, hasArrived);
      await untilPhase(stage.engine, stage.id, 'succeeded');
      expect(edge.names.filter(name => edge.runsNewer(name))).toEqual([]);
      const declared = [...world.fleet.overlays.values()].map(
        ([{ tag }]) => tag,
      );
      expect(new Set(declared)).toEqual(new Set(['2.8.0']));
      const { devices = [] } = (await stage.wave())?.state ?? {};
      expect(
        devices.filter(({ progress }) => progress.phase === 'excluded'),
      ).toEqual([]);
    });

    it('is not led astray by a process that was only slow', async () => {
      const { edge, engine, world } = stage;
      const slow = stage.sleeper(
        ({ at, where }) => at === 'commit' && where === 'before',
      );
      await stage.untilWave(slow.runner, () => false, slow.asleep);
      // Its order is withdrawn before it was written.
      const wave = accepted((await stage.wave())!);
      await engine.waves.say(wave, {
        command: { kind: 'stop', takeBack: false, reason: 'Not today.' },
        actor: 'user:default/omar',
      });
      stage.forget();
      await stage.untilWave(stage.runner(), ({ active }) => !active);
      slow.wake();
      await stage.untilWave(stage.runner(), () => true);
      expect(stage.steps().flat()).toEqual([]);
      expect(world.fleet.overlaySteps.size).toBe(1);
      expect(edge.names.filter(name => edge.runsNewer(name))).toEqual([]);
    });
  },
);

it('is held up by no cluster of one node that does not answer', async () => {
  const stage = await WaveStage.startWithOverlays(
    await databases.take('SQLITE_3'),
    clustersOfOneNode,
  );
  const { edge, world } = stage;
  const [silent, other] = ['shop-oslo-1', 'shop-bergen-4'];
  edge.away.add(silent).add(other);
  edge.unread.add(silent);
  for (const cluster of edge.away) world.clusters.cut(cluster);
  const runner = stage.runner();
  await stage.untilWave(runner, hasArrived);
  const { promotion } = await untilPhase(stage.engine, stage.id, 'succeeded');
  expect(promotion).toMatchObject({ proof: { length: 6 } });
  expect(stage.steps().flat()).not.toContain(gives(`${silent}-oslo-1`));
  for (const cluster of edge.away) world.clusters.restore(cluster);
  edge.away.clear();
  edge.unread.clear();
  await stage.untilWave(runner, () =>
    edge.names.every(name => edge.runsNewer(name)),
  );
  await stage.stop();
});
