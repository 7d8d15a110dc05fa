// SPDX-License-Identifier: Apache-2.0
import {
  declarationOf,
  type PromotionOfWave,
} from '@causeway/plugin-delivery-common';
import { ScriptedFleet } from '../http/__testUtils__/scriptedFleet';
import {
  aPipeline,
  aRelease,
  aTarget,
} from '../promotions/__fixtures__/memoryWorld';
import { observeDevices } from './observeDevices';

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
    seen.known &&
      [...seen.devices.values()].map(({ device }) => device.connected),
  ).toEqual([true, true, true]);
  await fleet.stop();
  await clusters.stop();
  await told.stop();
});
