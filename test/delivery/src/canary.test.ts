// SPDX-License-Identifier: Apache-2.0
import { describeCanaryStory } from './story/canary/canaryStory';
import { canaryServices } from './story/canary/canaryServices';
import { prepareCanaries } from './story/canary/prepareCanaries';
import {
  startSimulatedSurroundings,
  type SimulatedSurroundings,
} from './surroundings/startSimulatedSurroundings';
import { TestPortal } from './surroundings/TestPortal';

jest.setTimeout(600_000);

describe('canaries on simulated clusters', () => {
  let surroundings: SimulatedSurroundings;
  let portal: TestPortal;

  beforeAll(async () => {
    // Enough requests that a bad version is found out within minutes at any hour of the day.
    const { judged, slow } = canaryServices;
    const rushes = [judged, slow].map(({ name }) => ({
      scenario: 'rush',
      parameters: { service: name, amount: 10 },
    }));
    surroundings = await startSimulatedSurroundings('canary', rushes, {
      evidence: false,
    });
    await prepareCanaries(surroundings);
    portal = new TestPortal({ ...surroundings, port: surroundings.portalPort });
    await portal.start();
  });

  afterAll(async () => {
    await portal?.stop();
    await surroundings?.stop();
  });

  describeCanaryStory(() => ({ surroundings, portal }));
});
