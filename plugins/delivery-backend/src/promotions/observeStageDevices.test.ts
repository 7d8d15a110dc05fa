// SPDX-License-Identifier: Apache-2.0
import { ScriptedFleet } from '../http/__testUtils__/scriptedFleet';
import { aTarget } from './__fixtures__/parcelVision';
import { observeStageDevices } from './observeStageDevices';

/** Real connections, on machines that may be busy. */
jest.setTimeout(60_000);

const digest = `sha256:${'b'.repeat(64)}`;
const workload = {
  kind: 'DaemonSet',
  namespace: 'sorting',
  name: 'belt',
} as const;
const targets = [{ ...aTarget('edge-north'), workload }];
const release = {
  images: [{ name: 'registry.norden.example/belt', tag: '2', digest }],
};
const readySince = new Date('2026-07-01T12:00:00.000Z');

let told: ScriptedFleet;
afterEach(() => told.stop());

it('sees which devices have the release, how they do, and who should have it', async () => {
  const device = { cluster: 'edge-north', site: 'oslo', belt: `2@${digest}` };
  told = await ScriptedFleet.start(
    [
      { ...device, name: 'pi-1', temperature: 40, beltReady: readySince },
      { ...device, name: 'pi-2', temperature: 99 },
      { ...device, name: 'pi-3', belt: '1' },
      { ...device, name: 'pi-4', silent: 3_600 },
      { ...device, name: 'pi-5', belt: undefined },
    ],
    5,
  );
  const { fleet } = told.watched;
  const look = { release, now: told.now };
  const see = () => observeStageDevices(fleet, targets, look);
  await told.watched.until(
    () =>
      fleet.clusters().every(({ isDescribed }) => isDescribed) &&
      see().devices.filter(({ isMeasured }) => isMeasured).length === 2,
  );
  const since = expect.any(String);
  const well = {
    connectivity: 'live',
    connectivitySince: since,
    health: 'ok',
    healthSince: since,
    isMeasured: false,
    release: 'ready',
  };
  expect(see()).toEqual({
    devices: [
      {
        ...well,
        name: 'pi-1',
        isMeasured: true,
        readySince: readySince.toISOString(),
      },
      {
        ...well,
        name: 'pi-2',
        isMeasured: true,
        health: 'critical',
        healthReason: 'Hot: 99 °C, limit 90.',
      },
      { ...well, name: 'pi-3', release: 'another' },
      {
        ...well,
        name: 'pi-4',
        connectivity: 'offline',
        connectivitySince: new Date(
          told.now.getTime() - 3_600_000,
        ).toISOString(),
        health: 'unknown',
        healthReason: 'Nothing is known about now while it is not heard.',
      },
    ],
    withoutPod: 1,
  });
  expect(() =>
    observeStageDevices(fleet, [{ ...targets[0], cluster: 'far' }], look),
  ).toThrow('No devices of far are followed.');
});

it('says nothing of devices until all of them were described', async () => {
  told = await ScriptedFleet.start([
    { cluster: 'edge-north', name: 'pi-1', belt: `2@${digest}` },
  ]);
  // It looks once before anything was read, and then only when it is told to.
  const { fleet, clusters } = told.watch(3_600_000);
  const see = () =>
    observeStageDevices(fleet, targets, { release, now: told.now });
  await told.watched.until(() =>
    fleet.clusters().some(({ hasRead }) => hasRead),
  );
  expect(see).toThrow('The devices of edge-north have not been read yet.');
  await fleet.look();
  expect(see().devices).toMatchObject([{ name: 'pi-1', release: 'ready' }]);
  await fleet.stop();
  await clusters.stop();
});
