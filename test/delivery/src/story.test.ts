// SPDX-License-Identifier: Apache-2.0
import { describeFluxTroubles } from './story/fluxTroubles';
import { describeMainStory } from './story/mainStory';
import {
  startSimulatedSurroundings,
  type SimulatedSurroundings,
} from './surroundings/startSimulatedSurroundings';
import { TestPortal } from './surroundings/TestPortal';

jest.setTimeout(180_000);

describe('on simulated clusters', () => {
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

  describe('the main story', () => {
    describeMainStory(() => ({ surroundings, portal }));
  });

  describe('a promotion that can not go on', () => {
    describeFluxTroubles(() => ({ surroundings, portal }));
  });
});
