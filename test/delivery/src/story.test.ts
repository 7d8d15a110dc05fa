// SPDX-License-Identifier: Apache-2.0
import { describeBlueGreenStory } from './story/blueGreen/blueGreenStory';
import { prepareColours } from './story/blueGreen/prepareColours';
import { describeFluxTroubles } from './story/fluxTroubles';
import { describeMainStory } from './story/mainStory';
import { tellTogether } from './story/tellTogether';
import {
  startSimulatedSurroundings,
  type SimulatedSurroundings,
} from './surroundings/startSimulatedSurroundings';
import { TestPortal } from './surroundings/TestPortal';

jest.setTimeout(600_000);

describe('on simulated clusters', () => {
  let surroundings: SimulatedSurroundings;
  let portal: TestPortal;

  beforeAll(async () => {
    surroundings = await startSimulatedSurroundings('story');
    await prepareColours(surroundings);
    portal = new TestPortal({ ...surroundings, port: surroundings.portalPort });
    await portal.start();
  });

  afterAll(async () => {
    await portal?.stop();
    await surroundings?.stop();
  });

  const world = () => ({ surroundings, portal });

  // Nobody else may ask Flux to look at staging while promotions there are in trouble.
  tellTogether([
    { 'the main story': tell => describeMainStory(world, tell) },
    {
      'a service with two colours': tell => describeBlueGreenStory(world, tell),
      'a promotion that can not go on': tell =>
        describeFluxTroubles(world, tell),
    },
  ]);
});
