// SPDX-License-Identifier: Apache-2.0
import { playVersions } from '../testing/TrafficStory';

jest.setTimeout(60_000);

it('lets Flagger promote a good version and roll back those that fail or are slow', async () => {
  const { good, failing, slow } = await playVersions({ rate: 20 });
  expect(good.phases[good.phases.length - 1]).toBe('Succeeded');
  expect(good.complaints).toEqual([]);
  for (const { phases, routes } of [failing, slow]) {
    expect(phases[phases.length - 1]).toBe('Failed');
    expect(routes).toEqual(['100/0', '50/50', '100/0']);
  }
  expect(failing.complaints).toEqual(
    Array(2).fill(
      'Progressing: Warning Halt failing.demo advancement success rate N < 99%',
    ),
  );
  expect(slow.complaints).toEqual(
    Array(2).fill(
      'Progressing: Warning Halt slow.demo advancement request duration N > 500ms',
    ),
  );
});
