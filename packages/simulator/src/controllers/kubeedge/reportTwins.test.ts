// SPDX-License-Identifier: Apache-2.0
import { Device, DeviceModel, TwinStatus } from './deviceObjects';
import { reportCycleOf, reportTwins } from './reportTwins';
import { TwinSource } from './TwinSource';

const at = new Date('2026-03-01T08:00:00Z');
const timestamp = String(at.getTime());
const metadata = {
  name: 'belt',
  namespace: 'edge',
  uid: '1',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
};
const model: DeviceModel = {
  metadata,
  spec: {
    properties: [
      { name: 'speed', type: 'INT', accessMode: 'ReadWrite' },
      { name: 'heat', type: 'FLOAT', accessMode: 'ReadOnly' },
    ],
  },
};

function device(desired: Readonly<Record<string, string>>): Device {
  return {
    metadata,
    spec: {
      nodeName: 'pi-1',
      deviceModelRef: { name: 'belt' },
      properties: ['speed', 'heat'].map(name => ({
        name,
        reportCycle: 5_000,
        ...(desired[name] ? { desired: { value: desired[name] } } : {}),
      })),
    },
  };
}

/** Devices that take what `takes` lets through. */
function source(takes = true, online = true) {
  const values = new Map([['heat', '21.5']]);
  const written: string[] = [];
  const twins: TwinSource = {
    isOnline: () => online,
    read: (_device, property) => values.get(property),
    write(_device, property, value) {
      written.push(`${property}=${value}`);
      if (takes) values.set(property, value);
    },
  };
  return { twins, written };
}

const report = (one: Device, said: TwinStatus | undefined, twins: TwinSource) =>
  reportTwins(one, model, said, twins, at);

it('hands a new wish to the device once, and tells it, the echo and the rest', () => {
  const { twins, written } = source();
  const first = report(device({ speed: '3' }), undefined, twins);
  expect(first).toEqual({
    state: 'online',
    lastOnlineTime: '2026-03-01T08:00:00Z',
    twins: [
      {
        propertyName: 'speed',
        observedDesired: { value: '3', metadata: { timestamp, type: 'int' } },
        reported: { value: '3', metadata: { timestamp, type: 'int' } },
      },
      {
        propertyName: 'heat',
        reported: { value: '21.5', metadata: { timestamp, type: 'float' } },
      },
    ],
  });
  report(device({ speed: '3' }), first, twins);
  expect(written).toEqual(['speed=3']);
});

it('shows a wish that has arrived and is not obeyed', () => {
  const { twins } = source(false);
  const { twins: [speed] = [] } = report(
    device({ speed: '3' }),
    undefined,
    twins,
  );
  expect(speed.observedDesired?.value).toBe('3');
  expect(speed.reported).toBeUndefined();
});

it('does not write what the model says is read only', () => {
  const { twins, written } = source();
  const { twins: [, heat] = [] } = report(
    device({ heat: '90' }),
    undefined,
    twins,
  );
  expect(heat.observedDesired?.value).toBe('90');
  expect(heat.reported?.value).toBe('21.5');
  expect(written).toEqual([]);
});

it('keeps the last words of a device that is gone, without a time', () => {
  const said = report(device({ speed: '3' }), undefined, source().twins);
  const { twins } = source(true, false);
  const later = report(device({ speed: '3' }), said, twins);
  expect(later).toEqual({ ...said, state: 'offline', lastOnlineTime: '' });
});

it('reports as often as the most eager property asks', () => {
  expect(reportCycleOf(device({}))).toBe(5_000);
  expect(reportCycleOf({ ...device({}), spec: { properties: [] } })).toBe(
    60_000,
  );
});
