// SPDX-License-Identifier: Apache-2.0
import { podKind } from '../kinds/pods';
import type { Json } from '../objects';
import { humanDuration } from './humanDuration';
import { jsonPath } from './printerColumn';

describe('humanDuration', () => {
  const [second, minute, hour, day] = [1e3, 60e3, 3600e3, 86400e3];
  it.each([
    [0, '0s'],
    [-second, '0s'],
    [-2 * second, '<invalid>'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [9 * minute + 5 * second, '9m5s'],
    [10 * minute + 5 * second, '10m'],
    [3 * hour - second, '179m'],
    [3 * hour, '3h'],
    [7 * hour + 5 * minute, '7h5m'],
    [8 * hour + 5 * minute, '8h'],
    [2 * day, '2d'],
    [2 * day + 3 * hour, '2d3h'],
    [8 * day + 3 * hour, '8d'],
    [800 * day, '2y70d'],
    [9 * 365 * day, '9y'],
  ])('%i ms is %s', (milliseconds, text) => {
    expect(humanDuration(milliseconds)).toBe(text);
  });
});

describe('jsonPath', () => {
  const object: Json = {
    spec: { url: 'https://x', labels: { 'a.b/c': 'dotted' } },
    items: [{ name: 'one' }, { name: 'two' }],
    status: {
      conditions: [
        { type: 'Ready', status: 'True', message: 'fine' },
        { type: 'Other', status: 'False' },
      ],
    },
  };
  it.each<[string, Json[]]>([
    ['.spec.url', ['https://x']],
    ['.spec.nothing.more', []],
    ['.items[1].name', ['two']],
    ['.items[9].name', []],
    ['.items[*].name', ['one', 'two']],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    [".status.conditions[?(@.type == 'Other')].status", ['False']],
    ['.status.conditions[?(@.type=="None")].status', []],
    ['.spec.labels.a\\.b/c', ['dotted']],
    [".spec.labels['a.b/c']", ['dotted']],
  ])('%s', (path, expected) => {
    expect(jsonPath(object, path)).toEqual(expected);
  });
});

describe('the columns of pods', () => {
  const status = podKind.columns.find(({ name }) => name === 'Status');
  const waiting = (reason: string) => ({
    containerStatuses: [{ state: { waiting: { reason } } }],
  });
  it.each<[string, object, object]>([
    ['Running', {}, { phase: 'Running' }],
    ['Evicted', {}, { phase: 'Failed', reason: 'Evicted' }],
    [
      'ImagePullBackOff',
      {},
      { phase: 'Pending', ...waiting('ImagePullBackOff') },
    ],
    [
      'ExitCode:3',
      {},
      {
        phase: 'Failed',
        containerStatuses: [{ state: { terminated: { exitCode: 3 } } }],
      },
    ],
    [
      'Terminating',
      { deletionTimestamp: '2026-01-01T00:00:00Z' },
      { phase: 'Running' },
    ],
    [
      'Unknown',
      { deletionTimestamp: '2026-01-01T00:00:00Z' },
      { phase: 'Running', reason: 'NodeLost' },
    ],
  ])('say %s', (expected, metadata, state) => {
    const pod = { metadata: { name: 'a', ...metadata }, status: { ...state } };
    expect(status?.value(pod, new Date(0))).toBe(expected);
  });
});
