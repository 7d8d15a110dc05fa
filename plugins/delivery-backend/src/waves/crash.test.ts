// SPDX-License-Identifier: Apache-2.0
import { explainWave } from '@causeway/plugin-delivery-common';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import {
  arriveInSpiteOf,
  hasArrived,
  killPointsOf,
} from './__testUtils__/deaths';
import { probe, WaveStage } from './__testUtils__/WaveStage';
import type { WaveStep } from './WaveSteps';

/** What happens on the way of a wave with one bad device; a new step does not compile without its place. */
const onTheWay: Readonly<Record<WaveStep['at'], readonly string[]>> = {
  decide: ['order', 'soaking', 'failed', 'takenBack', 'proven'],
  commit: ['before', 'release'],
  recordCommit: ['before', 'release'],
  askFlux: ['before', 'release'],
  recordRequest: ['before', 'release'],
  pull: ['make', 'remove'],
  probe: ['make', 'remove'],
  replace: ['evict', 'delete'],
};

const databases = EmptyDatabases.create();
jest.setTimeout(120_000);

const bad = 'edge-north-oslo-2';
const job = { probe: probe.name, every: 60_000 };

describe.each(databases.eachSupportedId())('a wave on %s', id => {
  let stage: WaveStage;

  afterEach(() => stage.stop());

  it.each(killPointsOf(onTheWay))(
    'goes on where it was, each thing once, when its process died %s %s %s',
    async (...killPoint) => {
      const [, at] = killPoint;
      stage = await WaveStage.start(
        await databases.take(id),
        ['edge-north'],
        at === 'probe' ? { health: { '*': { job } } } : {},
      );
      const { edge } = stage;
      edge.bad.add(bad);
      await arriveInSpiteOf(killPoint, stage);
      expect(edge.names.filter(name => !edge.runsNewer(name))).toEqual([bad]);
      expect([...edge.replaced].sort()).toEqual(
        [`delete ${bad}`, ...edge.names.map(name => `evict ${name}`)].sort(),
      );
      expect(edge.mostDown).toBe(1);
      expect([...edge.pulled].sort()).toEqual([...edge.names].sort());
      expect(edge.pulling).toEqual([]);
      expect(edge.probes.mostOfOne).toBeLessThanOrEqual(1);
      const runner = stage.runner();
      await stage.untilWave(runner, () => edge.probes.devices.length === 0);
      expect(stage.commits()).toEqual([': 2.8.1', '.1: 2.8.0', '.2: 2.8.1']);
      const decisions = await stage.decisions();
      const orders = decisions.filter(text => text.startsWith('order '));
      expect(new Set(orders).size).toBe(edge.names.length);
      expect(orders).toHaveLength(edge.names.length);
      await expect(stage.engine.log.verify()).resolves.toMatchObject({
        intact: true,
      });
    },
  );

  it('is not led astray by a process that was only slow', async () => {
    stage = await WaveStage.start(await databases.take(id));
    const { edge, world } = stage;
    edge.bad.add(bad);
    const slow = stage.sleeper(
      ({ at, where, of }) =>
        at === 'commit' && where === 'before' && of.includes('before'),
    );
    await stage.untilWave(slow.runner, () => false, slow.asleep);
    // The device that was to go back is lost before anything is written, so the release is wanted again.
    edge.away.add(bad);
    stage.forget();
    const other = stage.runner();
    await stage.untilWave(
      other,
      ({ template }) =>
        template.wants === 'release' && template.sha !== undefined,
    );
    slow.wake();
    await stage.untilWave(other, hasArrived);
    expect(world.fleet.commits.at(-1)?.images[0].tag).toBe('2.8.1');
  });

  it('says which device it may not bring the image to, and asks again later', async () => {
    stage = await WaveStage.start(await databases.take(id));
    const { edge, world } = stage;
    const shut = 'edge-north-bergen-3';
    edge.forbidden.add(shut);
    const runner = stage.runner();
    await stage.untilWave(
      runner,
      () => edge.names.filter(name => edge.runsNewer(name)).length === 7,
    );
    const { state } = (await stage.wave())!;
    const sentence = explainWave(state!, world.clock.now().getTime()).find(
      ({ device }) => device.endsWith(shut),
    )?.sentence;
    expect(sentence).toBe(
      'Its image could not be pulled (The portal may not create pods); it is asked again later.',
    );
    edge.forbidden.clear();
    world.clock.advance(3_600_000);
    await stage.untilWave(runner, () => edge.runsNewer(shut));
    expect(edge.pulled).toContain(shut);
  });

  it('replaces no pod while the template is about to change', async () => {
    stage = await WaveStage.start(await databases.take(id));
    const { edge } = stage;
    const stuck = 'edge-north-bergen-3';
    edge.bad.add(bad);
    edge.stuck.add(stuck);
    let before = 0;
    const runner = stage.runner(({ at, where, of }) => {
      if (at !== 'decide' || where !== 'after' || !of.includes('failed'))
        return;
      edge.stuck.clear();
      before = edge.replaced.length;
    });
    await stage.untilWave(runner, hasArrived);
    expect(edge.replaced.slice(before, before + 2)).toEqual([
      `delete ${bad}`,
      `evict ${stuck}`,
    ]);
  });

  it('goes on where it can while a cluster and a pod refuse', async () => {
    stage = await WaveStage.start(await databases.take(id), [
      'edge-north',
      'edge-south',
    ]);
    const { edge, world } = stage;
    const stuck = 'edge-north-bergen-3';
    edge.bad.add(bad);
    edge.stuck.add(stuck);
    const runner = stage.runner();
    await stage.untilWave(runner, ({ template }) => template.step === 1);
    edge.away.add('edge-south');
    world.clusters.cut('edge-south');
    await stage.untilWave(
      runner,
      ({ template }) => template.step === 2 && template.sha !== undefined,
    );
    expect(edge.replaced).toContain(`delete ${bad}`);
    expect(edge.runsNewer(bad)).toBe(false);
    // What is stuck keeps the one place of its own site.
    const elsewhere = edge.names.filter(
      name => name.includes('north-oslo') && name !== bad,
    );
    await stage.untilWave(runner, () =>
      elsewhere.every(name => edge.runsNewer(name)),
    );
  });
});
