// SPDX-License-Identifier: Apache-2.0
import { colouredService } from './story/blueGreen/ColouredService';
import { failAfterSwitch } from './story/blueGreen/failAfterSwitch';
import { prepareColours } from './story/blueGreen/prepareColours';
import { describeCanaryStory } from './story/canary/canaryStory';
import { canaryServices } from './story/canary/canaryServices';
import { prepareCanaries } from './story/canary/prepareCanaries';
import { describeSecondVersions } from './story/canary/secondVersions';
import {
  startRealSurroundings,
  type RealSurroundings,
} from './surroundings/startRealSurroundings';
import { TestPortal } from './surroundings/TestPortal';

jest.setTimeout(1_800_000);

const { judged, slow } = canaryServices;
/** Enough requests that a bad version is found out within minutes. */
const busy = { requestsPerSecond: 300, errorRate: 2e-4 };

describe('canaries on real clusters with Flux, Flagger and Prometheus', () => {
  let surroundings: RealSurroundings;
  let portal: TestPortal;
  let switchedBack: ReturnType<typeof failAfterSwitch>;

  beforeAll(async () => {
    surroundings = await startRealSurroundings('real-canary', {
      [`${judged.namespace}/${judged.name}`]: busy,
      [`${slow.namespace}/${slow.name}`]: busy,
      [`${colouredService.namespace}/${colouredService.name}`]: busy,
    });
    await prepareCanaries(surroundings);
    await prepareColours(surroundings, {
      watch: '6m',
      limits: { errorPercent: 0.1, p95Milliseconds: 500 },
    });
    portal = new TestPortal({ ...surroundings, port: surroundings.portalPort });
    await portal.start();
    // Beside the canaries, because it takes minutes, too. It is waited for by a test of its own.
    switchedBack = failAfterSwitch(portal, surroundings);
    switchedBack.catch(() => undefined);
  });

  afterAll(async () => {
    await portal?.stop();
    await surroundings?.stop();
  });

  describeCanaryStory(() => ({ surroundings, portal }));

  it('switches a version back that fails when it gets all requests at once, on what the metrics say', async () => {
    const { problem, live } = await switchedBack;
    expect(problem).toMatchObject({
      code: 'switchedBack',
      message: expect.stringMatching(
        /^Switched back after \d+ min: .* errors in .* requests .* before the switch\)/,
      ),
    });
    expect(live).toBe('blue');
  });

  describeSecondVersions(() => ({ surroundings, portal }));
});
