// SPDX-License-Identifier: Apache-2.0
import {
  decideWave,
  declarationOf,
  defaultWavePolicy,
  explainWave,
  startWave,
  type PromotionOfWave,
} from '@causeway/plugin-delivery-common';
import {
  ScriptedFleet,
  type ToldDevice,
} from '../http/__testUtils__/scriptedFleet';
import {
  aPipeline,
  aRelease,
  aTarget,
} from '../promotions/__fixtures__/parcelVision';
import { observeDevices, type StageDevices } from './observeDevices';

/** Real connections, on machines that may be busy. */
jest.setTimeout(60_000);

const names = ['oslo-pi-01', 'oslo-pi-02', 'bergen-pi-01'];
const workload = {
  kind: 'DaemonSet',
  namespace: 'sorting',
  name: 'belt',
} as const;
const [edge] = aPipeline([]).stages.filter(({ name }) => name === 'edge');
const targets = [{ ...aTarget('edge-north'), workload }];
const promotion: PromotionOfWave = {
  service: 'component:default/belt',
  stage: 'edge',
  release: aRelease(1),
  declaration: declarationOf(aPipeline([]), { ...edge, targets }),
};

it('says nothing of devices until all of them were described, so that none seems to have left after a restart', async () => {
  const told = await ScriptedFleet.start(
    names.map(name => ({
      cluster: 'edge-north',
      name,
      site: name.split('-')[0],
      belt: '1',
    })),
  );
  // It looks once before anything was read, and then only when it is told to.
  const { fleet, clusters } = told.watch(3_600_000);
  const known = new Set(names.map(name => `edge-north/${name}`));
  const observed = () => observeDevices(fleet, promotion, known, told.now);
  await told.watched.until(() =>
    fleet.clusters().some(({ hasRead }) => hasRead),
  );
  expect(observed()).toMatchObject({ known: false });
  await fleet.look();
  const seen = observed();
  expect(seen.known && [...seen.devices.keys()].sort()).toEqual(
    [...known].sort(),
  );
  expect(
    seen.known && [...seen.devices.values()].map(({ device }) => device),
  ).toEqual(
    names.map(() =>
      expect.objectContaining({ connected: true, cluster: 'edge-north' }),
    ),
  );
  await fleet.stop();
  await clusters.stop();
  await told.stop();
});

/** Each as its cluster and exporters tell of it, and what the wave says of it. */
const troubles: Readonly<
  Record<string, readonly [Partial<ToldDevice>, string]>
> = {
  held: [
    { annotations: { 'causeway.dev/hold': 'stock-taking' } },
    'An operator holds it; it is ordered when it is released.',
  ],
  'held-there': [
    { beltHeld: true },
    'The device holds it; it is ordered when it is released.',
  ],
  cordoned: [
    { cordoned: true },
    'It cannot be changed now: it is cordoned: It gets no new pods.',
  ],
  quarantined: [
    { quarantine: 'smoke' },
    'It cannot be changed now: it is quarantined: smoke.',
  ],
  hot: [
    { temperature: 95 },
    'It cannot be changed now: it has 95 °C, limit 85 °C.',
  ],
  undervolted: [
    { undervolted: true },
    'It cannot be changed now: its voltage is too low now.',
  ],
  full: [
    { troubles: { DiskPressure: 'no space left' } },
    'It is unhealthy already and comes after proof on others.',
  ],
  away: [
    { silent: 3_600 },
    'It has been away for 1 h; it is ordered when it is back.',
  ],
};

it('orders only devices that nothing keeps from it, and says of the others what does', async () => {
  const free = { temperature: 60, undervolted: false };
  const told = await ScriptedFleet.start(
    Object.entries({ ...troubles, free: [free] as const }).map(
      ([name, [change]]) => ({
        cluster: 'edge-north',
        name,
        site: name,
        belt: '1',
        ...change,
      }),
    ),
  );
  let seen: StageDevices | undefined;
  // Pods may come after their nodes, and what was measured last of all.
  await told.watched.until(() => {
    seen = observeDevices(told.watched.fleet, promotion, new Set(), told.now);
    return (
      seen.known &&
      seen.devices.size === Object.keys(troubles).length + 1 &&
      seen.devices.get('edge-north/undervolted')?.device.readings !== undefined
    );
  });
  if (!seen?.known) throw new Error('It is not known.');
  const now = told.now.getTime();
  const { state, decisions } = decideWave(
    startWave(
      {
        id: 'wave',
        target: 'new',
        policy: { ...defaultWavePolicy, canaries: 100, prePull: undefined },
      },
      [...seen.devices.values()].map(({ device }) => device),
      now,
    ),
    { devices: [], removed: [], commands: [] },
    now,
  );
  expect(
    decisions.flatMap(each => (each.kind === 'order' ? each.device : [])),
  ).toEqual(['edge-north/free']);
  const said = explainWave(state, now).map(({ device, sentence }) => [
    device.replace('edge-north/', ''),
    sentence,
  ]);
  expect(Object.fromEntries(said)).toMatchObject(
    Object.fromEntries(
      Object.entries(troubles).map(([name, [, why]]) => [name, why]),
    ),
  );
  await told.stop();
});
