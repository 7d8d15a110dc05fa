// SPDX-License-Identifier: Apache-2.0
import { createBackendModule } from '@backstage/backend-plugin-api';
import { startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  progressiveEnginesExtensionPoint,
  type ProgressiveEngine,
} from '@causeway/plugin-delivery-node';
import { createDeliveryPlugin } from './plugin';

/** Real processes, on machines that may be busy. */
jest.setTimeout(120_000);

const driftwood: ProgressiveEngine = {
  kinds: [],
  describe: () => undefined,
};

const driftwoodModule = createBackendModule({
  pluginId: 'delivery',
  moduleId: 'driftwood',
  register(env) {
    env.registerInit({
      deps: { engines: progressiveEnginesExtensionPoint },
      async init({ engines }) {
        engines.addEngine(driftwood);
      },
    });
  },
});

test('an engine of a module is asked after those that the plugin brings', async () => {
  let given: readonly ProgressiveEngine[] = [];
  const plugin = createDeliveryPlugin(({ engines }) => {
    given = engines;
    throw new Error('Nothing more is needed of the world.');
  });
  await expect(
    startTestBackend({
      features: [plugin, driftwoodModule, catalogServiceMock.factory()],
    }),
  ).rejects.toThrow(/Nothing more is needed/);
  expect(given.map(({ kinds }) => kinds.map(({ name }) => name))).toEqual([
    ['canaries.flagger.app'],
    ['rollouts.argoproj.io', 'analysisruns.argoproj.io'],
    [],
  ]);
  expect(given[2]).toBe(driftwood);
});
