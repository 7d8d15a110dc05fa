// SPDX-License-Identifier: Apache-2.0
import { FluxReplay } from '../../testing/FluxReplay';
import { FluxScenario } from '../../testing/FluxScenario';
import { scenarios } from '../../testing/fluxScenarios';

// The first tests wait for scenarios that run side by side, on a busy machine for minutes.
jest.setTimeout(1_200_000);

const gated = 'duringwait-cancelgate';

/** Plays scenarios with one set-up of the controllers and checks each. */
function replays(
  chosen: readonly FluxScenario[],
  cancelHealthCheckOnNewRevision: boolean,
) {
  let replay: FluxReplay;

  beforeAll(async () => {
    replay = await FluxReplay.start(
      { rate: 20, cancelHealthCheckOnNewRevision },
      chosen.map(({ name }) => name),
    );
  });

  afterAll(() => replay?.stop());

  it.each(chosen.map(scenario => [scenario.name, scenario] as const))(
    'goes through the recorded states: %s',
    async (_name, scenario) => {
      const compared = await replay.compare(scenario);
      for (const { seen, recorded } of Object.values(compared))
        expect(seen).toEqual(recorded);
    },
  );
}

describe('Flux, driven through the recorded steps', () => {
  replays(
    scenarios.filter(({ name }) => name !== gated),
    false,
  );
});

describe('Flux that gives up health checks for a new commit', () => {
  replays(
    scenarios.filter(({ name }) => name === gated),
    true,
  );
});
