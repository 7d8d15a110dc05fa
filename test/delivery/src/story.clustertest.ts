// SPDX-License-Identifier: Apache-2.0
import { describeBlueGreenStory } from './story/blueGreen/blueGreenStory';
import { prepareColours } from './story/blueGreen/prepareColours';
import { describeFluxTroubles } from './story/fluxTroubles';
import { describeMainStory } from './story/mainStory';
import { describeRealClusters } from './story/realClusters';
import { tellTogether } from './story/tellTogether';
import {
  startRealSurroundings,
  type RealSurroundings,
} from './surroundings/startRealSurroundings';
import { TestPortal } from './surroundings/TestPortal';

jest.setTimeout(900_000);

describe('on real clusters with Flux, with no more rights than documented', () => {
  let surroundings: RealSurroundings;
  let portal: TestPortal;

  beforeAll(async () => {
    surroundings = await startRealSurroundings('real-story');
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

  describe('the portal', () => {
    describeRealClusters(world);
  });
});
