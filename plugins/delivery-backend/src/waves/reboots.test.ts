// SPDX-License-Identifier: Apache-2.0
import { explainWave } from '@causeway/plugin-delivery-common';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { WaveStage } from './__testUtils__/WaveStage';
import type { StoredWave } from './WaveStore';

jest.setTimeout(120_000);

const databases = EmptyDatabases.create(['SQLITE_3']);
const bad = 'edge-north-oslo-2';

let stage: WaveStage;

beforeEach(async () => {
  stage = await WaveStage.start(
    await databases.take('SQLITE_3'),
    ['edge-north'],
    { soak: 90_000, firstSoak: 90_000 },
  );
});
afterEach(() => stage.stop());

const phaseOf = ({ state }: StoredWave) =>
  state?.devices.find(({ device }) => device.id.endsWith(bad))?.progress.phase;
const hasArrived = ({ report }: StoredWave) => report?.state === 'arrived';

it('takes back the device that the release makes boot again and again, by two commits as any other', async () => {
  const { edge, world } = stage;
  edge.rebooting.add(bad);
  // Whoever is away holds nobody up, so the wave may have arrived before.
  await stage.untilWave(
    stage.runner(),
    wave => hasArrived(wave) && phaseOf(wave) === 'takenBack',
  );
  expect(edge.names.filter(name => !edge.runsNewer(name))).toEqual([bad]);
  expect(edge.replaced.filter(text => text.startsWith('delete '))).toEqual([
    `delete ${bad}`,
  ]);
  expect(stage.commits()).toEqual([': 2.8.1', '.1: 2.8.0', '.2: 2.8.1']);
  const { state } = (await stage.wave())!;
  const said = explainWave(state!, world.clock.now().getTime());
  expect(said.find(({ device }) => device.endsWith(bad))?.sentence).toContain(
    'its pod was started again 3 times',
  );
});

it('goes on without a device that stays away while it is taken back, and takes it back when it returns', async () => {
  const { edge } = stage;
  edge.bad.add(bad);
  const runner = stage.runner();
  await stage.untilWave(runner, ({ template }) => template.wants === 'before');
  edge.away.add(bad);
  await stage.untilWave(runner, hasArrived);
  expect(edge.names.every(name => edge.runsNewer(name))).toBe(true);
  expect(stage.commits()).toEqual([': 2.8.1', '.1: 2.8.0', '.2: 2.8.1']);

  edge.away.delete(bad);
  await stage.untilWave(
    runner,
    wave => phaseOf(wave) === 'takenBack' && wave.template.wants === 'release',
  );
  expect(edge.runsNewer(bad)).toBe(false);
  expect(stage.commits().slice(3)).toEqual(['.3: 2.8.0', '.4: 2.8.1']);
});
