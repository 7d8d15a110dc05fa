// SPDX-License-Identifier: Apache-2.0
import type { Surroundings } from '../../surroundings/Surroundings';
import type { TestPortal } from '../../surroundings/TestPortal';
import { RolloutOfService } from './RolloutOfService';
import { rolloutServices } from './rolloutServices';

/** A bad version is found out after three whole minutes at the earliest. */
const VERDICT_PATIENCE_MS = 600_000;

/**
 * New versions behind Argo Rollouts, by HTTP and in the cluster. Declares its tests. The repositories
 * must have been prepared before.
 */
export function describeRolloutStory(
  world: () => { surroundings: Surroundings; portal: TestPortal },
): void {
  let timed: RolloutOfService;
  let judged: RolloutOfService;
  let switched: RolloutOfService;
  let bad: string;

  beforeAll(async () => {
    const { portal, surroundings } = world();
    const of = (name: keyof typeof rolloutServices) =>
      new RolloutOfService(portal, surroundings, rolloutServices[name]);
    timed = of('timed');
    judged = of('judged');
    switched = of('switched');
    const all = [timed, judged, switched];
    await Promise.all(all.map(each => each.untilReady()));
    // Found out while the others are told.
    bad = await judged.promoteNew('VERSION', '9.0.0-errors\n');
  });

  it('lets a good version leave each pause after its soak, and not before', async () => {
    const id = await timed.promoteNew('hubs.txt', 'north\n');
    await timed.untilPaused(1);
    await timed.untilAnswered(id, 'soaking');
    const { status } = await timed.untilPaused(5);
    expect(status?.stableRS).not.toBe(status?.currentPodHash);
    await timed.delivery.untilPhase(id, 'succeeded');
    const view = await timed.view(id);
    expect(view.outcome).toBe('promoted');
    expect(
      view.targets[0].steps.map(({ weight, state }) => `${weight} ${state}`),
    ).toEqual(['25 done', '50 done', '75 done']);
    // The step in the middle ends by itself: its ends are only seen, as late as the machine is busy.
    const watched = view.targets[0].steps.filter(({ weight }) => weight !== 50);
    const lengths = watched.map(
      ({ since, until: end }) =>
        Date.parse(end ?? '') - Date.parse(since ?? ''),
    );
    expect(lengths).toHaveLength(2);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(10_000);
    expect(await timed.orders(id)).toEqual([
      expect.stringMatching(/goOn.*25 % was watched long enough/),
      expect.stringMatching(/goOn.*75 % was watched long enough/),
    ]);
  });

  it('keeps a version where it is while the portal is away, and while a person wants it paused', async () => {
    const { portal } = world();
    const id = await timed.promoteNew('hubs.txt', 'north and south\n');
    const { status } = await timed.untilPaused(1);
    await portal.stop();
    // Longer than the soak.
    await new Promise(resolve => setTimeout(resolve, 12_000));
    const later = await timed.rollout();
    expect(later.status?.currentStepIndex).toBe(status?.currentStepIndex);
    await portal.start();
    await timed.untilPaused(5);
    await timed.steer('nils', id, 'pause', 'Hubs are loading');
    const stopped = await timed.untilRollout('stopped', ({ spec }) =>
      Boolean(spec.paused),
    );
    expect(stopped.status?.currentStepIndex).toBe(5);
    expect((await timed.view(id)).headline).toBe('Paused at 75 %.');
    await timed.steer('jonas', id, 'abort', 'Hubs are mixed up');
    const { problem } = await timed.delivery.untilPhase(id, 'failed');
    expect(problem?.message).toMatch(/Hubs are mixed up/);
    expect((await timed.view(id)).outcome).toBe('aborted');
    await timed.untilBack();
    const { spec, status: back } = await timed.untilRollout(
      'back',
      rollout => rollout.status?.phase === 'Healthy',
    );
    expect(spec.paused).not.toBe(true);
    expect(back?.currentPodHash).toBe(back?.stableRS);
    expect(await timed.pods()).toEqual({ [`${back?.stableRS}`]: 4 });
  });

  it('goes as fast as people say', async () => {
    const id = await timed.promoteNew('hubs.txt', 'all of them\n');
    await timed.untilPaused(1);
    await timed.steer('jonas', id, 'promoteFully', 'All hubs wait for it');
    await timed.delivery.untilPhase(id, 'succeeded');
    expect((await timed.view(id)).outcome).toBe('fastPromoted');
    const orders = await timed.orders(id);
    expect(orders[orders.length - 1]).toMatch(/promoteFully/);
  });

  it('switches blue/green when a person lets it pass, and not by itself', async () => {
    const { name } = rolloutServices.switched;
    const before = await switched.selected(name);
    const id = await switched.promoteNew('labels.txt', 'left\n');
    await switched.untilPaused();
    await switched.untilAnswered(id, 'waitsForPerson');
    expect(await switched.selected(name)).toBe(before);
    expect(await switched.selected(`${name}-preview`)).not.toBe(before);
    await switched.steer('jonas', id, 'stepNow', 'It reads all labels');
    await switched.delivery.untilPhase(id, 'succeeded');
    const after = await switched.selected(name);
    expect(after).not.toBe(before);
    expect((await switched.rollout()).status?.stableRS).toBe(after);
  });

  it('takes a switch back before it happens', async () => {
    const { name } = rolloutServices.switched;
    const before = await switched.selected(name);
    const id = await switched.promoteNew('labels.txt', 'upside down\n');
    await switched.untilPaused();
    await switched.steer('jonas', id, 'abort', 'Labels are upside down');
    await switched.delivery.untilPhase(id, 'failed');
    expect((await switched.view(id)).outcome).toBe('aborted');
    await switched.untilBack();
    expect(await switched.selected(name)).toBe(before);
  });

  it('takes a bad version back on evidence, and puts Git back', async () => {
    const { problem } = await judged.delivery.untilPhase(
      bad,
      'failed',
      VERDICT_PATIENCE_MS,
    );
    expect(problem).toMatchObject({
      code: 'canaryTakenBack',
      message: expect.stringMatching(/errors? in .* requests/),
    });
    expect((await judged.view(bad)).outcome).toBe('rolledBack');
    expect(await judged.orders(bad)).toEqual([
      expect.stringMatching(/abort.*errors? in .* requests/),
    ]);
    await judged.untilBack();
    const { status } = await judged.untilRollout(
      'back',
      rollout => rollout.status?.phase === 'Healthy',
    );
    expect(await judged.pods()).toEqual({ [`${status?.stableRS}`]: 4 });
  });
}
