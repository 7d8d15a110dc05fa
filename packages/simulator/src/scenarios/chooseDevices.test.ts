// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { chooseDevices } from './chooseDevices';

const devices = ['venlo', 'oslo', 'porto'].flatMap(site =>
  Array.from({ length: 8 }, (_, index) => ({
    name: `${site}-${index}`,
    site,
    hardware: index % 2 === 0 ? 'jetson-orin-nx' : 'raspberry-pi-5',
  })),
);

describe('chooseDevices', () => {
  it.each([
    [{ percentage: 100 }, 24],
    [{ percentage: 1 }, 1],
    [{ site: 'oslo', percentage: 50 }, 4],
    [{ site: 'oslo', hardware: 'jetson-orin-nx', percentage: 100 }, 4],
    [{ device: 'porto-3', percentage: 10 }, 1],
    [{ device: 'porto-3', site: 'oslo', percentage: 100 }, 0],
    [{ site: 'nowhere', percentage: 100 }, 0],
  ])('with %j takes %d', (choice, count) => {
    expect(chooseDevices(devices, choice, 1)).toHaveLength(count);
  });

  it('is decided by the seed, and more contains less', () => {
    const percentage = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(fc.nat(), percentage, percentage, (seed, one, other) => {
        const [few, many] = [one, other].sort((a, b) => a - b);
        const chosen = (share: number) =>
          chooseDevices(devices, { percentage: share }, seed);
        expect(chosen(few)).toEqual(chosen(few));
        expect(chosen(many)).toEqual(expect.arrayContaining([...chosen(few)]));
      }),
    );
    const first = chooseDevices(devices, { percentage: 30 }, 1);
    expect(chooseDevices(devices, { percentage: 30 }, 2)).not.toEqual(first);
  });
});
