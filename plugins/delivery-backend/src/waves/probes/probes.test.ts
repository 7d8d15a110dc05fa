// SPDX-License-Identifier: Apache-2.0
import { explainWave } from '@causeway/plugin-delivery-common';
import { EmptyDatabases } from '../../database/__testUtils__/EmptyDatabases';
import { probe, WaveStage } from '../__testUtils__/WaveStage';

jest.setTimeout(120_000);

const databases = EmptyDatabases.create(['SQLITE_3']);
const every = 60_000;
const job = { probe: probe.name, every };
const bad = 'edge-north-oslo-2';
const hindered = 'edge-north-bergen-3';

let stage: WaveStage;

const start = async (soak = 150_000) => {
  stage = await WaveStage.start(
    await databases.take('SQLITE_3'),
    ['edge-north'],
    { health: { '*': { job } }, soak, firstSoak: soak },
  );
  return stage.edge;
};
afterEach(() => stage.stop());

async function deviceOf(node: string) {
  const { state } = (await stage.wave())!;
  const now = stage.world.clock.now().getTime();
  const at = state!.devices.findIndex(({ device }) => device.id.endsWith(node));
  const { sentence } = explainWave(state!, now)[at];
  return { ...state!.devices[at].progress, sentence };
}

const isArrived = ({ report }: { readonly report?: { state: string } }) =>
  report?.state === 'arrived';

it('takes back the device whose probe fails, says what it said, and leaves nothing behind', async () => {
  const edge = await start();
  edge.unwell.add(bad);
  const runner = stage.runner();
  await stage.untilWave(runner, isArrived);
  expect(edge.names.filter(name => !edge.runsNewer(name))).toEqual([bad]);
  expect(edge.replaced).toContain(`delete ${bad}`);
  expect((await deviceOf(bad)).sentence).toContain(
    'its probe belt-moves ended with code 3: the belt stands still, 3 times in a row',
  );
  expect(edge.probes.made.filter(name => name === bad)).toHaveLength(3);
  // At once, and then every minute of a soak of two and a half.
  for (const name of edge.names)
    expect([3, 4]).toContain(
      edge.probes.made.filter(each => each === name).length,
    );
  expect(edge.probes.mostOfOne).toBe(1);
  await stage.untilWave(runner, () => edge.probes.devices.length === 0);
});

it('neither proves nor fails the device on which the probe could not be run, says why, and tries again later', async () => {
  const edge = await start(10_000);
  edge.probes.hindered.add(hindered);
  edge.probes.forbidden.add(bad);
  const runner = stage.runner();
  await stage.untilWave(
    runner,
    () => edge.probes.made.filter(name => name === hindered).length > 4,
  );
  expect(await deviceOf(hindered)).toMatchObject({
    phase: 'inFlight',
    sentence: expect.stringContaining(
      'its probe belt-moves could not be run: ImagePullBackOff: not found',
    ),
  });
  expect(await deviceOf(bad)).toMatchObject({
    phase: 'inFlight',
    sentence: expect.stringContaining(
      'its probe belt-moves could not be run: The portal may not create jobs',
    ),
  });
  edge.probes.hindered.clear();
  edge.probes.forbidden.clear();
  await stage.untilWave(runner, isArrived);
  expect(edge.names.every(name => edge.runsNewer(name))).toBe(true);
});

it('takes the probe of a device that is lost away, and makes another when it is back', async () => {
  const edge = await start(30_000);
  const runner = stage.runner();
  edge.probes.endless = true;
  await stage.untilWave(runner, () => edge.probes.devices.length > 0);
  const [lost] = edge.probes.devices;
  edge.away.add(lost);
  await stage.untilWave(runner, () => edge.probes.devices.length === 0);
  edge.away.delete(lost);
  edge.probes.endless = false;
  await stage.untilWave(runner, isArrived);
  expect(edge.probes.mostOfOne).toBe(1);
  expect(edge.names.every(name => edge.runsNewer(name))).toBe(true);
});
