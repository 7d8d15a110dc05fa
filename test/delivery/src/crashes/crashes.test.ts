// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeliveryClient, must } from '../story/DeliveryClient';
import { FleetHistory } from '../story/FleetHistory';
import { GitWorkingCopy } from '../story/GitWorkingCopy';
import {
  startSimulatedSurroundings,
  type SimulatedSurroundings,
} from '../surroundings/startSimulatedSurroundings';
import { TestPortal } from '../surroundings/TestPortal';
import { until } from '../surroundings/until';
import { killPoints, recorded, sayPoint } from './killPoints';
import { rolloutsOf } from './rollouts';

jest.setTimeout(240_000);

const SERVICE = 'parcel-vision';
const STAGE = 'cloud-staging';

/**
 * One world lives through all deaths. The portal is killed from inside at each step of a promotion,
 * started again, and must finish what it had begun.
 */
describe('a portal that is killed', () => {
  let surroundings: SimulatedSurroundings;
  let portal: TestPortal;
  let delivery: DeliveryClient;
  let source: GitWorkingCopy;
  let fleet: FleetHistory;
  let order: string;
  const finished: string[] = [];

  beforeAll(async () => {
    surroundings = await startSimulatedSurroundings('crashes');
    order = join(surroundings.dataDirectory, 'order-to-die');
    const { environment, portalPort, forge, forgePassword } = surroundings;
    portal = new TestPortal({
      ...surroundings,
      port: portalPort,
      environment: { ...environment, CAUSEWAY_TEST_ORDER_TO_DIE: order },
      entry: 'test/delivery/src/crashes/mortalPortal.ts',
    });
    await portal.start();
    delivery = new DeliveryClient(portal, SERVICE);
    await delivery.untilKnown();
    source = await GitWorkingCopy.clone(forge, SERVICE, {
      name: 'Mia Lindqvist',
      login: 'mia',
      password: forgePassword,
    });
    fleet = await FleetHistory.clone(surroundings);
  });

  afterAll(async () => {
    await source?.remove();
    await fleet?.remove();
    await portal?.stop();
    await surroundings?.stop();
  });

  const rollouts = () =>
    rolloutsOf(surroundings.cluster(STAGE), {
      namespace: 'sorting',
      name: SERVICE,
    });

  it.each(killPoints.map(point => [sayPoint(point)] as const))(
    '%s finishes after its restart, with one commit, one rollout and every event',
    async point => {
      const before = await rollouts();
      const promotionsBefore = await fleet.promotions();
      await writeFile(order, point);
      const commit = await source.push(
        'belts.txt',
        `${point}\n`,
        `Keep reading, killed ${point}`,
      );
      const signal = await until(
        `the portal to die ${point}`,
        async () => portal.killedBy,
      );
      expect(signal).toBe('SIGKILL');

      await portal.start();
      const release = await delivery.untilReleased(commit);
      await delivery.untilRuns(STAGE, release.version);
      const { last } = await delivery.stage(STAGE);
      const { promotion, events } = await delivery.promotion(last?.id ?? '');
      expect(promotion).toMatchObject({
        phase: 'succeeded',
        release: { id: release.id },
      });
      finished.push(promotion.id);

      expect(await fleet.promotions()).toEqual([
        promotion.id,
        ...promotionsBefore,
      ]);
      const after = await rollouts();
      expect(after.of(release.version)).toHaveLength(1);
      expect(after.revision).toBe(before.revision + 1);

      // What a cluster shows goes before what was asked of it: a request that died unrecorded is not
      // repeated once it was answered.
      const types = events.map(({ type }) => type);
      expect(new Set(types).size).toBe(types.length);
      expect(types).toEqual(
        ['requested', ...recorded].filter(
          type => type !== 'reconcileRequested' || types.includes(type),
        ),
      );
      expect(events.map(({ version }) => version)).toEqual(
        events.map((_, index) => index + 1),
      );
      await expectIntactLog();
    },
  );

  it('has lost nothing of what happened before its deaths', async () => {
    expect(finished).toHaveLength(killPoints.length);
    const { items } = await delivery.history();
    const inHistory = items.map(({ promotion }) => promotion);
    expect(inHistory).toEqual(expect.arrayContaining(finished));
    const inGit = await fleet.promotions();
    expect(inGit).toEqual([...finished].reverse());
  });

  async function expectIntactLog(): Promise<void> {
    const log = must(
      200,
      await portal.call<{ intact: boolean; problems: unknown[] }>(
        'ines',
        'GET',
        '/delivery/audit/verify',
      ),
    );
    expect(log).toMatchObject({ intact: true, problems: [] });
  }
});
