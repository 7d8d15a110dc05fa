// SPDX-License-Identifier: Apache-2.0
import type { Surroundings } from '../../surroundings/Surroundings';
import type { TestPortal } from '../../surroundings/TestPortal';
import { until } from '../../surroundings/until';
import { ClusterOperator } from '../ClusterOperator';
import { must } from '../DeliveryClient';
import { watchedStage } from '../PromotedService';
import type { Tell } from '../tellTogether';
import { colouredService, ColouredService } from './ColouredService';
import { breakSmokeTest } from './prepareColours';

/**
 * New versions that are made ready beside the old one and then get all requests at once, by nothing
 * but Flux and Kubernetes. Declares its steps; the same ones for simulated and for real clusters. The
 * pipeline must have been prepared before.
 */
export function describeBlueGreenStory(
  world: () => { surroundings: Surroundings; portal: TestPortal },
  tell: Tell,
): void {
  let service: ColouredService;
  let before: string | undefined;

  beforeAll(async () => {
    const { portal, surroundings } = world();
    service = new ColouredService(portal, surroundings, colouredService);
    await service.delivery.untilKnown();
    const { release } = await service.delivery.stage(watchedStage);
    before = release?.version;
  });

  tell(
    'makes the idle colour ready, tries it, switches, and watches it',
    async () => {
      expect(await service.live()).toBe('blue');
      const id = await service.promoteNew('regions.txt', 'north\n');
      await service.delivery.untilPhase(id, 'succeeded');
      expect(await service.smokeTest(id)).toBe('Complete');
      expect(await service.live()).toBe('green');
      // The version before is kept for an hour.
      expect(await service.ready('blue')).toBe(2);
      expect(await service.ready('green')).toBe(2);
      expect(await service.commitsOf(id)).toEqual([
        'committed',
        'coloursSwitched',
      ]);
    },
  );

  tell('goes back by one commit while the version before is kept', async () => {
    const { promotions } = must(
      202,
      await service.delivery.rollBack('jonas', {
        stages: [watchedStage],
        reason: 'Times are an hour late',
      }),
    );
    const [{ id, release }] = promotions;
    await service.delivery.untilPhase(id, 'succeeded');
    expect(release.version).toBe(before);
    expect(await service.live()).toBe('blue');
    expect(await service.commitsOf(id)).toEqual(['committed']);
  });

  tell('switches back at once when a person says so', async () => {
    const id = await service.promoteNew('regions.txt', 'north and south\n');
    await service.untilLive('green');
    await service.untilWatched(id);
    await service.steer('jonas', id, 'abort', 'The south is missing');
    const { problem } = await service.delivery.untilPhase(id, 'failed');
    expect(problem?.message).toMatch(/The south is missing/);
    expect(await service.live()).toBe('blue');
    expect(await service.untilRetired(id)).toEqual([
      'committed',
      'coloursSwitched',
      'coloursSwitchedBack',
      'colourRetired',
    ]);
    // Nobody waits for that, so Flux is not asked to look before its time.
    const { surroundings } = world();
    await new ClusterOperator(surroundings.cluster(watchedStage)).fetchNow();
    await until('green to have no pods', async () =>
      (await service.ready('green')) === 0 ? true : undefined,
    );
  });

  tell(
    'switches nothing when the smoke test fails, although the pods are ready',
    async () => {
      await breakSmokeTest(world().surroundings, 'green');
      const id = await service.promoteNew('regions.txt', 'all of them\n');
      const { problem } = await service.delivery.untilPhase(id, 'failed');
      expect(problem).toMatchObject({ code: 'smokeTestFailed' });
      expect(await service.smokeTest(id)).toBe('Failed');
      expect(await service.live()).toBe('blue');
      expect(await service.untilRetired(id)).toEqual([
        'committed',
        'colourRetired',
      ]);
    },
  );
}
