// SPDX-License-Identifier: Apache-2.0
import type { Surroundings } from '../surroundings/Surroundings';
import type { TestPortal } from '../surroundings/TestPortal';
import { until } from '../surroundings/until';
import { ClusterOperator } from './ClusterOperator';
import { DeliveryClient, must } from './DeliveryClient';
import { GitWorkingCopy } from './GitWorkingCopy';
import type { Tell } from './tellTogether';

const SERVICE = 'belt-control';
const STAGE = 'cloud-staging';
const OVERLAY = `services/${SERVICE}/overlays/${STAGE}/kustomization.yaml`;

/** Fields of the Deployment that somebody sets in the overlay by hand. */
const MISTAKES = {
  // The selector of a Deployment can not be changed, which only the API server knows.
  refused: `      - { op: add, path: /spec/selector/matchLabels/belt, value: north }
      - { op: add, path: /spec/template/metadata/labels/belt, value: north }
`,
  // No node has the label, so no pod is ever placed, and the rollout ends after five seconds.
  neverReady: `      - { op: add, path: /spec/template/spec/nodeSelector, value: { belt: north } }
      - { op: add, path: /spec/progressDeadlineSeconds, value: 5 }
`,
  // Kustomize itself can not do this.
  unbuildable: `      - { op: remove, path: /spec/belt }
`,
};

/**
 * What Flux and the API server say when a promotion can not go on, and that it goes on when the
 * cause is gone. Declares its steps; the same ones for simulated and for real clusters.
 */
export function describeFluxTroubles(
  world: () => { surroundings: Surroundings; portal: TestPortal },
  tell: Tell,
): void {
  let delivery: DeliveryClient;
  let operator: ClusterOperator;
  let fleet: GitWorkingCopy;

  beforeAll(async () => {
    const { portal, surroundings } = world();
    delivery = new DeliveryClient(portal, SERVICE);
    operator = new ClusterOperator(surroundings.cluster(STAGE));
    await delivery.untilKnown();
    fleet = await GitWorkingCopy.clone(surroundings.forge, 'fleet', {
      name: 'Ines Duarte',
      login: 'ines',
      password: surroundings.forgePassword,
    });
  });

  afterAll(() => fleet?.remove());

  /** Asks for a release that does not run in the stage now. Returns the promotion. */
  async function move(): Promise<string> {
    const { road, stages } = await delivery.pipeline();
    const running = stages.find(({ name }) => name === STAGE)?.release?.id;
    const other = road.find(({ release }) => release.id !== running);
    const promotion = must(
      202,
      await delivery.request('nils', {
        stage: STAGE,
        release: other?.release.id ?? '',
      }),
    );
    return promotion.id;
  }

  /** Waits until the portal has recorded what is wrong with the promotion. */
  function untilBlocked(promotion: string): Promise<string> {
    return until('the problem to be recorded', async () => {
      const detail = await delivery.promotion(promotion);
      const blocked = detail.events.find(
        ({ type }) => type === 'targetBlocked',
      );
      if (!blocked) throw new Error(JSON.stringify(detail));
      return blocked.text;
    });
  }

  async function spoil(mistake: string): Promise<void> {
    await fleet.pull();
    const intact = await fleet.read(OVERLAY);
    await fleet.push(
      OVERLAY,
      `${intact}patches:\n  - target: { kind: Deployment }\n    patch: |\n${mistake}`,
      'Try something',
    );
  }

  /** Takes the mistake out of the overlay, and leaves what the promotion wrote there. */
  async function mend(): Promise<void> {
    await fleet.pull();
    const spoilt = await fleet.read(OVERLAY);
    await fleet.push(OVERLAY, spoilt.replace(/^patches:[^]*$/m, ''), 'Undo it');
    await operator.fetchNow();
  }

  tell(
    'says that Flux is suspended, and goes on when it is resumed',
    async () => {
      await operator.suspend(SERVICE, true);
      const promotion = await move();
      expect(await untilBlocked(promotion)).toMatch(/suspended/);
      await operator.suspend(SERVICE, false);
      await delivery.untilPhase(promotion, 'succeeded');
    },
  );

  tell(
    'says what the API server refuses, and goes on when Git is mended',
    async () => {
      await spoil(MISTAKES.refused);
      const promotion = await move();
      expect(await untilBlocked(promotion)).toMatch(/immutable/);
      await mend();
      await delivery.untilPhase(promotion, 'succeeded');
    },
  );

  tell(
    'says that the pods do not come up, and goes on when Git is mended',
    async () => {
      await spoil(MISTAKES.neverReady);
      const promotion = await move();
      expect(await untilBlocked(promotion)).toMatch(/progress/);
      await mend();
      await delivery.untilPhase(promotion, 'succeeded');
    },
  );

  tell('fails at once when the overlay can not be built', async () => {
    await spoil(MISTAKES.unbuildable);
    const promotion = await move();
    const failed = await delivery.untilPhase(promotion, 'failed');
    expect(failed.problem).toMatchObject({ code: 'buildFailed' });
    await mend();
  });
}
