// SPDX-License-Identifier: Apache-2.0
import { describeFluxTroubles } from './story/fluxTroubles';
import { describeMainStory } from './story/mainStory';
import { describeRealClusters } from './story/realClusters';
import {
  startRealSurroundings,
  type RealSurroundings,
} from './surroundings/startRealSurroundings';
import { TestPortal } from './surroundings/TestPortal';

jest.setTimeout(300_000);

describe('on real clusters with Flux, with no more rights than documented', () => {
  let surroundings: RealSurroundings;
  let portal: TestPortal;

  beforeAll(async () => {
    surroundings = await startRealSurroundings('real-story');
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

  describe('the portal', () => {
    describeRealClusters(() => ({ surroundings, portal }));
  });
});
