// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from '../story/DeliveryClient';
import { FleetHistory } from '../story/FleetHistory';
import {
  startSimulatedSurroundings,
  type SimulatedSurroundings,
} from '../surroundings/startSimulatedSurroundings';
import { TestPortal } from '../surroundings/TestPortal';
import { until } from '../surroundings/until';
import { DeployedService, servicesOfStaging } from './DeployedService';
import { killPoints, recorded, sayPoint, shareOut } from './killPoints';

jest.setTimeout(1_200_000);

/** Each takes one promotion of every service. */
const deaths = shareOut(
  Math.ceil(killPoints.length / servicesOfStaging.length),
);

/**
 * One world lives through all deaths. Promotions of different services are brought to different
 * steps, where they rest; then the portal is killed, started again, and must finish what it had begun.
 */
describe('a portal that is killed', () => {
  let surroundings: SimulatedSurroundings;
  let portal: TestPortal;
  let fleet: FleetHistory;
  let services: readonly DeployedService[];
  let order: string;
  const finished: string[] = [];

  beforeAll(async () => {
    surroundings = await startSimulatedSurroundings('crashes', [], {
      evidence: false,
    });
    order = join(surroundings.dataDirectory, 'order-to-rest');
    const { environment, portalPort } = surroundings;
    portal = new TestPortal({
      ...surroundings,
      port: portalPort,
      environment: { ...environment, CAUSEWAY_TEST_ORDER_TO_REST: order },
      entry: 'test/delivery/src/crashes/mortalPortal.ts',
    });
    await portal.start();
    fleet = await FleetHistory.clone(surroundings);
    services = servicesOfStaging.map(
      service => new DeployedService(portal, surroundings, service),
    );
    await Promise.all(services.map(({ delivery }) => delivery.untilKnown()));
  });

  afterAll(async () => {
    await fleet?.remove();
    await portal?.stop();
    await surroundings?.stop();
  });

  describe.each(
    deaths.map(points => ({ names: points.map(sayPoint).join(', '), points })),
  )('with promotions $names', ({ points }) => {
    const victims = points.map((point, index) => ({
      name: sayPoint(point),
      index,
    }));
    let pushed: readonly {
      readonly commit: string;
      readonly before: Awaited<ReturnType<typeof traces>>;
    }[];

    beforeAll(async () => {
      const resting = [];
      for (const { name, index } of victims) {
        const before = await traces(services[index]);
        const commit = await bring(services[index], name);
        resting.push({ commit, before });
      }
      pushed = resting;
      await portal.kill();
      await portal.start();
    });

    it.each(victims)(
      '$name finishes after its restart, with one commit, one rollout and every event',
      async ({ index }) => {
        const service = services[index];
        const { commit, before } = pushed[index];
        const { release, promotion, events } = await service.untilDeployed(
          commit,
        );
        expect(promotion).toMatchObject({
          phase: 'succeeded',
          release: { id: release.id },
        });
        finished.push(promotion.id);

        const after = await traces(service);
        expect(after.commits).toEqual([promotion.id, ...before.commits]);
        expect(after.rollouts.of(release.version)).toHaveLength(1);
        expect(after.rollouts.revision).toBe(before.rollouts.revision + 1);

        // What a cluster shows goes before what was asked of it: a request that died unrecorded is not
        // repeated once it was answered.
        // What is not expected says what it is about.
        const expected = ['requested', ...recorded];
        const types = events.map(({ type, text }) =>
          expected.some(each => each === type) ? type : `${type}: ${text}`,
        );
        expect(new Set(types).size).toBe(types.length);
        expect(types).toEqual(
          expected.filter(
            type => type !== 'reconcileRequested' || types.includes(type),
          ),
        );
        expect(events.map(({ version }) => version)).toEqual(
          events.map((_, place) => place + 1),
        );
        await expectIntactLog();
      },
    );
  });

  it('has lost nothing of what happened before its deaths', async () => {
    expect(finished).toHaveLength(killPoints.length);
    const histories = await Promise.all(
      services.map(({ delivery }) => delivery.history()),
    );
    const inHistory = histories.flatMap(({ items }) =>
      items.map(({ promotion }) => promotion),
    );
    expect(inHistory).toEqual(expect.arrayContaining(finished));
    const inGit = await fleet.promotions();
    expect([...inGit].sort()).toEqual([...finished].sort());
  });

  /** Lets a promotion of a service come to a moment and rest there. Returns the commit that is promoted. */
  async function bring(
    service: DeployedService,
    moment: string,
  ): Promise<string> {
    await writeFile(order, moment);
    const commit = await service.push(moment);
    await until(`a promotion to rest ${moment}`, async () =>
      existsSync(order) ? undefined : true,
    );
    return commit;
  }

  /** What promotions of a service have left in Git and in the cluster. */
  async function traces(service: DeployedService) {
    return {
      commits: await fleet.promotions(service.overlay),
      rollouts: await service.rollouts(),
    };
  }

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
