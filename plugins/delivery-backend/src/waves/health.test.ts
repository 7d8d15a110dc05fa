// SPDX-License-Identifier: Apache-2.0
import { explainWave } from '@causeway/plugin-delivery-common';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { WaveStage } from './__testUtils__/WaveStage';

jest.setTimeout(120_000);

const databases = EmptyDatabases.create(['SQLITE_3']);
const http = { path: '/healthz', port: 8080, within: 3_000 };
const bad = 'edge-north-oslo-2';
const silent = 'edge-north-bergen-3';

let stage: WaveStage;

beforeEach(async () => {
  stage = await WaveStage.start(
    await databases.take('SQLITE_3'),
    ['edge-north'],
    { health: { '*': { http } }, soak: 90_000, firstSoak: 90_000 },
  );
});
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

it('takes back the device whose release does not answer well, and says so', async () => {
  const { edge } = stage;
  edge.unwell.add(bad);
  await stage.untilWave(stage.runner(), isArrived);
  expect(edge.names.filter(name => !edge.runsNewer(name))).toEqual([bad]);
  expect(edge.replaced).toContain(`delete ${bad}`);
  expect((await deviceOf(bad)).sentence).toContain(
    'its probe /healthz answered 503, 3 times in a row',
  );
});

it('neither proves nor fails the device that nobody could ask', async () => {
  const { edge } = stage;
  edge.unasked.add(silent);
  const runner = stage.runner();
  await stage.untilWave(runner, () => edge.runsNewer(silent));
  let looks = 0;
  await stage.untilWave(runner, () => {
    looks += 1;
    return looks > 40;
  });
  expect(await deviceOf(silent)).toMatchObject({
    phase: 'inFlight',
    sentence: expect.stringContaining('its probe has not been answered'),
  });
  edge.unasked.clear();
  await stage.untilWave(runner, isArrived);
  expect(edge.names.every(name => edge.runsNewer(name))).toBe(true);
});

it('asks each device now and then while it is unproven, and never after', async () => {
  const { edge } = stage;
  await stage.untilWave(stage.runner(), isArrived);
  // A soak of 90 s, looked at every 6 s, has room for five or six questions that are 20 s apart.
  for (const name of edge.names) {
    const times = edge.asked.filter(node => node === name).length;
    expect(times).toBeGreaterThanOrEqual(3);
    expect(times).toBeLessThanOrEqual(7);
  }
});
