// SPDX-License-Identifier: Apache-2.0
import { describeMainStory } from './story/mainStory';
import { startRealSurroundings } from './surroundings/startRealSurroundings';
import type { Surroundings } from './surroundings/Surroundings';
import { TestPortal } from './surroundings/TestPortal';

jest.setTimeout(300_000);

describe('the main story on real clusters with Flux', () => {
  let surroundings: Surroundings;
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

  describeMainStory(() => ({ surroundings, portal }));
});
