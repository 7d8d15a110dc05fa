// SPDX-License-Identifier: Apache-2.0
import { prepareRollouts } from './story/rollouts/prepareRollouts';
import { rolloutServices } from './story/rollouts/rolloutServices';
import { describeRolloutStory } from './story/rollouts/rolloutStory';
import {
  startRealSurroundings,
  type RealSurroundings,
} from './surroundings/startRealSurroundings';
import { TestPortal } from './surroundings/TestPortal';

jest.setTimeout(900_000);

const { namespace, name } = rolloutServices.judged;
/** Enough requests that a bad version is found out within minutes. */
const busy = { requestsPerSecond: 300, errorRate: 2e-4 };

describe('Argo Rollouts on a real cluster, with no more rights than documented', () => {
  let surroundings: RealSurroundings;
  let portal: TestPortal;

  beforeAll(async () => {
    surroundings = await startRealSurroundings('real-rollouts', {
      [`${namespace}/${name}`]: busy,
    });
    await prepareRollouts(surroundings);
    portal = new TestPortal({ ...surroundings, port: surroundings.portalPort });
    await portal.start();
  });

  afterAll(async () => {
    await portal?.stop();
    await surroundings?.stop();
  });

  describeRolloutStory(() => ({ surroundings, portal }));
});
