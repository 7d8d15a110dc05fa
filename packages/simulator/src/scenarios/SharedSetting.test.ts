// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { Hold, SharedSetting } from './SharedSetting';

/** A setting over a variable, written a moment later as real ones are. */
function aSetting(initial: number) {
  const place = { value: initial };
  const setting = new SharedSetting<number>({
    read: () => place.value,
    async write(value) {
      await Promise.resolve();
      place.value = value;
    },
  });
  return { place, setting };
}

describe('a shared setting', () => {
  it('follows the last one who holds it, and is as it was found when nobody does', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.record({ hold: fc.integer({ min: 1, max: 99 }) }),
            fc.record({ release: fc.nat({ max: 9 }) }),
          ),
          { maxLength: 20 },
        ),
        async steps => {
          const { place, setting } = aSetting(0);
          const taken: { value: number; hold: Hold; live: boolean }[] = [];
          const live = () => taken.filter(one => one.live);
          for (const step of steps) {
            if ('hold' in step) {
              const hold = await setting.hold(() => step.hold);
              taken.push({ value: step.hold, hold, live: true });
            } else if (taken.length > 0) {
              const one = taken[step.release % taken.length];
              await one.hold.release();
              one.live = false;
            }
            expect(place.value).toBe(live().at(-1)?.value ?? 0);
          }
          await Promise.all(taken.map(({ hold }) => hold.release()));
          expect(place.value).toBe(0);
        },
      ),
    ));

  it('leaves what somebody else has set meanwhile', async () => {
    const { place, setting } = aSetting(1);
    const hold = await setting.hold(() => 2);
    place.value = 3;
    await hold.release();
    expect(place.value).toBe(3);
  });

  it('holds nothing when there is nothing to hold', async () => {
    const { place, setting } = aSetting(1);
    const refused = setting.hold(() => {
      throw new Error('no next value');
    });
    await expect(refused).rejects.toThrow('no next value');
    const hold = await setting.hold(present => present + 1);
    expect(place.value).toBe(2);
    await hold.release();
    expect(place.value).toBe(1);
  });
});
