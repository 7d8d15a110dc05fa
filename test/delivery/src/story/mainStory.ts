// SPDX-License-Identifier: Apache-2.0
import type { Surroundings } from '../surroundings/Surroundings';
import type { TestPortal } from '../surroundings/TestPortal';
import { deployedImages } from './deployedImages';
import { DeliveryClient, must } from './DeliveryClient';
import { GitWorkingCopy } from './GitWorkingCopy';
import type { Tell } from './tellTogether';

const SERVICE = 'parcel-vision';

/**
 * The product's main story, by HTTP: a commit becomes a release, travels through six stages, and
 * edge and cloud production are taken back in one action. Declares its steps; the same ones for
 * simulated and for real clusters.
 */
export function describeMainStory(
  world: () => { surroundings: Surroundings; portal: TestPortal },
  tell: Tell,
): void {
  let delivery: DeliveryClient;
  let commit: string;
  let release: { id: string; version: string };
  let before: { cloud?: string; edge?: string };
  let approvedPromotion: string;

  beforeAll(async () => {
    delivery = new DeliveryClient(world().portal, SERVICE);
    await delivery.untilKnown();
  });

  tell('turns a pushed commit into a release', async () => {
    const { forge, forgePassword } = world().surroundings;
    const copy = await GitWorkingCopy.clone(forge, SERVICE, {
      name: 'Mia Lindqvist',
      login: 'mia',
      password: forgePassword,
    });
    before = {
      cloud: (await delivery.stage('cloud-production')).release?.version,
      edge: (await delivery.stage('edge-production')).release?.version,
    };
    expect(before.cloud).toBeDefined();
    expect(before.edge).toBeDefined();
    commit = await copy.push(
      'labels.txt',
      'upside down\n',
      'Read labels upside down',
    );
    await copy.remove();
    release = await delivery.untilReleased(commit);
  });

  tell('deploys it to cloud staging by itself', async () => {
    const stage = await delivery.untilRuns('cloud-staging', release.version);
    expect(stage.targets).toEqual([
      expect.objectContaining({ cluster: 'cloud-staging', health: 'healthy' }),
    ]);
  });

  tell(
    'holds cloud production until somebody else approves and the soak has passed',
    async () => {
      const promotion = must(
        202,
        await delivery.request('mia', {
          stage: 'cloud-production',
          release: release.id,
          reason: 'Belt 4 needs it',
        }),
      );
      expect(promotion.phase).toBe('waiting');
      const own = await delivery.decide('mia', promotion.id, 'approve');
      expect(own.status).toBe(403);
      must(
        202,
        await delivery.decide(
          'jonas',
          promotion.id,
          'approve',
          'Seen in staging',
        ),
      );
      approvedPromotion = promotion.id;
      await delivery.untilPhase(promotion.id, 'succeeded');
      await delivery.untilRuns('cloud-production', release.version);
    },
  );

  tell('goes on to edge staging and edge production', async () => {
    for (const stage of ['edge-staging', 'edge-production']) {
      const promotion = must(
        202,
        await delivery.request('ines', {
          stage,
          release: release.id,
          reason: 'Next stop',
        }),
      );
      await delivery.untilPhase(promotion.id, 'succeeded');
      await delivery.untilRuns(stage, release.version);
    }
    const edge = await delivery.stage('edge-production');
    expect(edge.targets.map(target => target.version)).toEqual([
      release.version,
      release.version,
    ]);
  });

  tell('takes edge and cloud production back in one action', async () => {
    const { rollback, promotions } = must(
      202,
      await delivery.rollBack('ines', {
        stages: ['edge-production', 'cloud-production'],
        reason: 'Labels are read twice',
      }),
    );
    expect(promotions.map(({ rollback: group }) => group)).toEqual([
      rollback,
      rollback,
    ]);
    for (const { id } of promotions) {
      await delivery.untilPhase(id, 'succeeded');
    }
    await delivery.untilRuns('cloud-production', before.cloud!);
    await delivery.untilRuns('edge-production', before.edge!);
    await delivery.untilRuns('edge-staging', release.version);
  });

  tell(
    'leaves each step in the fleet repository with author and trailers',
    async () => {
      const { forge, forgePassword } = world().surroundings;
      const fleet = await GitWorkingCopy.clone(forge, 'fleet', {
        name: 'Reader',
        login: 'causeway',
        password: forgePassword,
      });
      const log = await fleet.git(
        'log',
        '--format=%an|%(trailers:key=Stage,valueonly,separator=%x2C)|%(trailers:key=Release,valueonly,separator=%x2C)|%(trailers:key=Kind,valueonly,separator=%x2C)|%(trailers:key=Causeway-Promotion,valueonly,separator=%x2C)',
        '-6',
        '--',
        `services/${SERVICE}`,
      );
      const approved = await fleet.git(
        'log',
        `--grep=Causeway-Promotion: ${approvedPromotion}`,
        '--format=%(trailers:key=Approved-by,valueonly)%(trailers:key=Reason,valueonly)',
      );
      await fleet.remove();
      const steps = log.split('\n').map(line => line.split('|'));
      const promotions = new Set(steps.map(step => step[4]));
      expect(promotions.size).toBe(6);
      expect(
        steps.map(([author, stage, version, kind]) => ({
          author,
          stage,
          version,
          kind,
        })),
      ).toEqual(
        expect.arrayContaining([
          {
            author: 'Ines Duarte',
            stage: 'cloud-production',
            version: before.cloud,
            kind: 'rollback',
          },
          {
            author: 'Ines Duarte',
            stage: 'edge-production',
            version: before.edge,
            kind: 'rollback',
          },
          {
            author: 'Ines Duarte',
            stage: 'edge-production',
            version: release.version,
            kind: 'promotion',
          },
          {
            author: 'Ines Duarte',
            stage: 'edge-staging',
            version: release.version,
            kind: 'promotion',
          },
          {
            author: 'Mia Lindqvist',
            stage: 'cloud-production',
            version: release.version,
            kind: 'promotion',
          },
          expect.objectContaining({
            stage: 'cloud-staging',
            version: release.version,
            kind: 'promotion',
          }),
        ]),
      );
      expect(approved).toMatch(/Jonas Weber/);
      expect(approved).toMatch(/Belt 4 needs it/);
    },
  );

  tell('agrees with what the clusters themselves say', async () => {
    const { surroundings } = world();
    const versions = async (
      cluster:
        | 'cloud-staging'
        | 'cloud-production'
        | 'edge-staging'
        | 'edge-production',
    ) =>
      (await deployedImages(surroundings.cluster(cluster), 'sorting'))
        .filter(image => image.includes(`/${SERVICE}:`))
        .map(image => image.replace(/.*:(.*)@sha256:.*/, '$1'));
    expect(await versions('cloud-staging')).toEqual([release.version]);
    expect(await versions('cloud-production')).toEqual([before.cloud]);
    expect(await versions('edge-staging')).toEqual([release.version]);
    expect(await versions('edge-production')).toEqual([
      before.edge,
      before.edge,
    ]);
  });

  tell(
    'has an event log that verifies, and a history that names everybody',
    async () => {
      const { portal } = world();
      const verified = must(
        200,
        await portal.call<{ intact: boolean; events: number }>(
          'ines',
          'GET',
          '/delivery/audit/verify',
        ),
      );
      expect(verified.intact).toBe(true);
      expect(verified.events).toBeGreaterThan(20);
      const { items } = await delivery.history();
      expect(new Set(items.map(item => item.who))).toEqual(
        new Set(['user:default/mia', 'user:default/ines', 'plugin:delivery']),
      );
      const approved = await delivery.promotion(approvedPromotion);
      expect(approved.promotion.approvals).toEqual([
        expect.objectContaining({
          by: 'user:default/jonas',
          reason: 'Seen in staging',
        }),
      ]);
    },
  );
}
