// SPDX-License-Identifier: Apache-2.0
import { FlaggerReplay } from '../../testing/FlaggerReplay';
import { scenarios } from '../../testing/flaggerScenarios';

jest.setTimeout(600_000);

describe('Flagger, driven through the recorded steps', () => {
  let replay: FlaggerReplay;

  beforeAll(async () => {
    replay = await FlaggerReplay.start();
  });

  afterAll(() => replay?.stop());

  it.each(scenarios.map(({ name }) => name))(
    'does what was recorded: %s',
    async name => {
      const { seen, recorded } = await replay.compare(name);
      expect(seen.statuses).toEqual(recorded.statuses);
      expect(seen.routes).toEqual(recorded.routes);
      expect(seen.looks).toEqual(recorded.looks);
      // One look more or less: the real one was interrupted by whatever else it had to do.
      expect(Math.abs(seen.seconds - recorded.seconds)).toBeLessThan(16);
    },
  );
});
