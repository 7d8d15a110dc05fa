// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { axisStates, type AxisName } from '@causeway/plugin-delivery-common';
import {
  describeSort,
  layouts,
  parseSearch,
  sortBy,
  sortKeys,
  toggleValue,
  writeSearch,
  type FleetSearch,
} from './fleetSearch';

const axisFilters = Object.fromEntries(
  (Object.keys(axisStates) as AxisName[]).map(axis => [
    axis,
    fc.uniqueArray(fc.constantFrom(...axisStates[axis]), { minLength: 1 }),
  ]),
);
const names = fc.uniqueArray(fc.string({ minLength: 1 }), {
  minLength: 1,
  maxLength: 5,
});

const searches: fc.Arbitrary<FleetSearch> = fc.record({
  filter: fc.record(
    {
      ...axisFilters,
      site: names,
      label: names,
      version: names,
      text: fc
        .string({ minLength: 1 })
        .map(text => text.trim())
        .filter(Boolean),
    },
    { requiredKeys: [] },
  ),
  sort: fc.constantFrom(...sortKeys.flatMap(key => [key, `-${key}`] as const)),
  layout: fc.constantFrom(...layouts),
});

describe('the search in the address', () => {
  it('is the same after it was sent to somebody', () => {
    fc.assert(
      fc.property(searches, search => {
        const address = writeSearch(search).toString();
        expect(parseSearch(new URLSearchParams(address))).toEqual(search);
      }),
    );
  });

  it('is empty for the whole fleet, worst first', () => {
    const { filter, sort, layout } = parseSearch(new URLSearchParams());
    expect({ filter, sort, layout }).toEqual({
      filter: {},
      sort: 'health',
      layout: 'both',
    });
    expect(writeSearch({ filter, sort, layout }).toString()).toBe('');
  });

  it('leaves out what means nothing, and keeps what belongs to others', () => {
    const address = new URLSearchParams(
      'health=ok&health=purple&sort=colour&view=3d&site=&text=%20&theme=dark',
    );
    const search = parseSearch(address);
    expect(search).toEqual({
      filter: { health: ['ok'] },
      sort: 'health',
      layout: 'both',
    });
    expect(writeSearch(search, address).toString()).toBe(
      'theme=dark&health=ok',
    );
  });

  it('puts a value in and takes it out again', () => {
    const hot = toggleValue({ text: 'milan' }, 'health', 'warning');
    expect(hot).toEqual({ text: 'milan', health: ['warning'] });
    expect(toggleValue(hot, 'health', 'critical').health).toEqual([
      'warning',
      'critical',
    ]);
    expect(toggleValue(hot, 'health', 'warning')).toEqual({ text: 'milan' });
  });

  it('sorts by a column, and by the same one again the other way round', () => {
    expect(sortBy('health', 'temperature')).toBe('temperature');
    expect(sortBy('temperature', 'temperature')).toBe('-temperature');
    expect(sortBy('-temperature', 'temperature')).toBe('temperature');
    expect(describeSort('-lastSeen')).toEqual({
      key: 'lastSeen',
      direction: 'descending',
    });
  });
});
