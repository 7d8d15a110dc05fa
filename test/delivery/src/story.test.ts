// SPDX-License-Identifier: Apache-2.0
import { describeMainStory } from './story/mainStory';
import {
  startSimulatedSurroundings,
  type SimulatedSurroundings,
} from './surroundings/startSimulatedSurroundings';
import { TestPortal } from './surroundings/TestPortal';

jest.setTimeout(180_000);

describe('the main story on simulated clusters', () => {
  let surroundings: SimulatedSurroundings;
  let portal: TestPortal;

  beforeAll(async () => {
    surroundings = await startSimulatedSurroundings('story');
    portal = new TestPortal({ ...surroundings, port: surroundings.portalPort });
    await portal.start();
  });

  afterAll(async () => {
    await portal?.stop();
    await surroundings?.stop();
  });

  describeMainStory(() => ({ surroundings, portal }));
});
