// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { checkTwinEdit, checkTwinValue, type TwinWish } from './checkTwinEdit';
import type { ObservedDeviceModel } from './observed';

const model: ObservedDeviceModel = {
  namespace: 'edge',
  name: 'board',
  deleting: false,
  properties: [
    { name: 'lamp', type: 'STRING', access: 'readWrite' },
    {
      name: 'limit',
      type: 'INT',
      access: 'readWrite',
      minimum: '40',
      maximum: '90',
    },
    { name: 'temperature', type: 'FLOAT', access: 'readOnly' },
    { name: 'spare', type: 'INT', access: 'readWrite' },
  ],
};
const device = {
  model: 'board',
  desired: [
    { property: 'lamp', value: 'off' },
    { property: 'limit' },
    { property: 'temperature' },
  ],
};
const codes = (wish: TwinWish, by: ObservedDeviceModel | undefined = model) =>
  checkTwinEdit([wish], device, by).map(({ code }) => code);

it.each<[string, TwinWish, string[]]>([
  ['a text', { property: 'lamp', value: 'on', was: 'off' }, []],
  ['a number in range', { property: 'limit', value: '40' }, []],
  ['what changed', { property: 'lamp', value: 'on' }, ['changedMeanwhile']],
  [
    'what another has set',
    { property: 'lamp', value: 'on', was: 'blinking' },
    ['changedMeanwhile'],
  ],
  ['too little', { property: 'limit', value: '39' }, ['outOfRange']],
  ['too much', { property: 'limit', value: '91' }, ['outOfRange']],
  ['no number', { property: 'limit', value: '50; reboot' }, ['wrongType']],
  ['what is only read', { property: 'temperature', value: '1' }, ['readOnly']],
  [
    'what is not on the device',
    { property: 'spare', value: '1' },
    ['unknownProperty'],
  ],
  [
    'what nobody knows',
    { property: '__proto__', value: '1' },
    ['unknownProperty'],
  ],
])('judges %s', (_what, wish, expected) => {
  expect(codes(wish)).toEqual(expected);
});

it('sets nothing without a model, or by one whose limits can not be read', () => {
  const wish = { property: 'limit', value: '50' };
  expect(checkTwinEdit([wish], device, undefined)).toMatchObject([
    { code: 'noModel' },
  ]);
  const unclear = { name: 'limit', type: 'INT', minimum: 'cold' };
  expect(checkTwinValue(unclear, '50')).toMatchObject({ code: 'modelUnclear' });
});

it.each([
  ['BOOLEAN', 'true', true],
  ['BOOLEAN', 'yes', false],
  ['DOUBLE', '-21.5', true],
  ['FLOAT', '1e9', false],
  ['FLOAT', 'NaN', false],
  ['INT', '1.5', false],
  ['INT', '', false],
  ['STRING', '<b>kept as text</b>', true],
  ['STRING', 'a\nb', false],
  ['STRING', 'x'.repeat(1_001), false],
  ['BYTES', 'aGVsbG8=', true],
  ['BYTES', 'hello', false],
  ['STREAM', 'x', false],
])('takes for %s the value %j: %s', (type, value, isTaken) => {
  const finding = checkTwinValue({ name: 'it', type }, value);
  expect(finding === undefined).toBe(isTaken);
});

it('lets through exactly the numbers of the range', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.integer(), (value, one, two) => {
      const [minimum, maximum] = [Math.min(one, two), Math.max(one, two)];
      const limits = { minimum: String(minimum), maximum: String(maximum) };
      const finding = checkTwinValue(
        { name: 'it', type: 'INT', ...limits },
        String(value),
      );
      expect(finding === undefined).toBe(value >= minimum && value <= maximum);
    }),
  );
});
