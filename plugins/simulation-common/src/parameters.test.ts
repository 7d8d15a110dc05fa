// SPDX-License-Identifier: Apache-2.0
import { parseParameters, type ParametersSchema } from './parameters';

const schema: ParametersSchema = {
  type: 'object',
  properties: {
    cluster: { type: 'string', title: 'Cluster', enum: ['north', 'south'] },
    delay: {
      type: 'integer',
      title: 'Delay',
      minimum: 1,
      maximum: 60,
      unit: 's',
      default: 3,
    },
    device: { type: 'string', title: 'Device', maxLength: 5 },
    share: { type: 'number', title: 'Share', minimum: 0 },
    height: { type: 'number', title: 'Height', maximum: 9 },
  },
  required: ['cluster'],
  additionalProperties: false,
};

describe('parseParameters', () => {
  it.each<[unknown, object]>([
    [{ cluster: 'north' }, { cluster: 'north', delay: 3 }],
    [
      { cluster: 'south', delay: 60, device: 'pi-01', share: 0.5, height: -4 },
      { cluster: 'south', delay: 60, device: 'pi-01', share: 0.5, height: -4 },
    ],
  ])('takes %j', (given, values) => {
    expect(parseParameters(schema, given)).toEqual({ kind: 'values', values });
  });

  it.each<[unknown, string, string]>([
    [{}, 'cluster', 'Cluster is missing.'],
    [{ cluster: 'west' }, 'cluster', 'Cluster must be one of north, south.'],
    [{ cluster: 1 }, 'cluster', 'Cluster must be a text.'],
    [{ cluster: 'north', delay: 0 }, 'delay', 'Delay must be from 1 to 60 s.'],
    [
      { cluster: 'north', delay: 1.5 },
      'delay',
      'Delay must be a whole number.',
    ],
    [{ cluster: 'north', delay: '3' }, 'delay', 'Delay must be a number.'],
    [{ cluster: 'north', delay: NaN }, 'delay', 'Delay must be a number.'],
    [{ cluster: 'north', share: -1 }, 'share', 'Share must be at least 0.'],
    [{ cluster: 'north', height: 10 }, 'height', 'Height must be at most 9.'],
    [
      { cluster: 'north', device: 'jetson' },
      'device',
      'Device must have at most 5 characters.',
    ],
    [
      { cluster: 'north', colour: 'red' },
      'colour',
      'There is no parameter colour; there are cluster, delay, device, share, height.',
    ],
    [
      { cluster: 'north', toString: 'x' },
      'toString',
      expect.stringMatching(/no parameter toString/),
    ],
    [[], '', 'The parameters must be a JSON object.'],
    ['north', '', 'The parameters must be a JSON object.'],
  ])('refuses %j', (given, parameter, message) => {
    expect(parseParameters(schema, given)).toEqual({
      kind: 'refused',
      problems: [{ parameter, message }],
    });
  });

  it('names every problem at once', () => {
    const parsed = parseParameters(schema, { delay: 99, share: -1 });
    expect(parsed.kind === 'refused' && parsed.problems).toHaveLength(3);
  });
});
