// SPDX-License-Identifier: Apache-2.0
import { trimDeviceStatus } from './trimKubeEdge';

const now = Date.parse('2026-07-01T12:00:00Z');

function reported(value: unknown, timestamp?: unknown) {
  const [twin] =
    trimDeviceStatus({
      metadata: { namespace: 'boards', name: 'lamp-1' },
      status: {
        twins: [
          {
            propertyName: 'brightness',
            reported: { value, metadata: { timestamp } },
          },
        ],
      },
    })?.status.twins ?? [];
  return twin?.reported;
}

it.each<[unknown, object | undefined]>([
  ['50', { value: '50' }],
  ['NaN', { value: 'NaN' }],
  ['\u001b[2J\0', { value: '\u001b[2J\0' }],
  ['x'.repeat(100_000), { value: 'x'.repeat(1_000) }],
  ['', undefined],
  [50, undefined],
  [null, undefined],
  [{ toString: 'x' }, undefined],
])('keeps of the value %.20j what a page can show', (value, expected) => {
  expect(reported(value)).toEqual(expected);
});

it.each([
  [String(now), now],
  ['NaN', undefined],
  ['Infinity', undefined],
  ['-1e300', undefined],
  ['9e18', undefined],
  ['', undefined],
  ['yesterday', undefined],
  [now, undefined],
])('takes the time %j of a device for %p', (timestamp, expected) => {
  expect(reported('50', timestamp)?.at).toBe(expected);
});
