// SPDX-License-Identifier: Apache-2.0
import type { Surroundings } from '../../surroundings/Surroundings';
import type { TestPortal } from '../../surroundings/TestPortal';
import { until } from '../../surroundings/until';
import { must } from '../DeliveryClient';
import { FleetHistory } from '../FleetHistory';
import { writeFleet } from '../prepareService';
import { watchedStage } from '../PromotedService';
import { CanaryOfService, expectEveryStep } from './CanaryOfService';
import { canaryServices } from './canaryServices';

/** A bad version is found out after three whole minutes at the earliest, later with little traffic. */
const VERDICT_PATIENCE_MS = 480_000;
/** A version that passes every step takes about two minutes, and longer on a busy machine. */
const PASSING_PATIENCE_MS = 300_000;

function overlayOf(service: string): string {
  return `services/${service}/overlays/${watchedStage}/kustomization.yaml`;
}

type Name = keyof typeof canaryServices;
type OfEach<Value> = Readonly<Record<Name, Value>>;

/**
 * New versions that get their traffic step by step, by HTTP and in the cluster. Four services live
 * through it side by side, because Flagger looks only every ten seconds. Declares its tests; the same
 * ones for simulated and for real clusters. The repositories must have been prepared before.
 */
export function describeCanaryStory(
  world: () => { surroundings: Surroundings; portal: TestPortal },
): void {
  let service: OfEach<CanaryOfService>;
  let promotion: OfEach<string>;
  let before: OfEach<string | undefined>;
  let stories: {
    readonly timed: ReturnType<typeof passThenMeddle>;
    readonly held: ReturnType<typeof holdThenHurry>;
    readonly judged: ReturnType<typeof beJudged>;
    readonly slow: ReturnType<typeof beJudged>;
  };

  beforeAll(async () => {
    const { portal, surroundings } = world();
    service = {
      judged: new CanaryOfService(portal, surroundings, canaryServices.judged),
      slow: new CanaryOfService(portal, surroundings, canaryServices.slow),
      timed: new CanaryOfService(portal, surroundings, canaryServices.timed),
      held: new CanaryOfService(portal, surroundings, canaryServices.held),
    };
    await Promise.all(Object.values(service).map(each => each.untilReady()));
    before = await ofEach(
      async name => (await service[name].versions()).stable,
    );
  });

  /** Asks all services at once. */
  async function ofEach<Value>(
    ask: (name: Name) => Promise<Value>,
  ): Promise<OfEach<Value>> {
    const [judged, slow, timed, held] = await Promise.all([
      ask('judged'),
      ask('slow'),
      ask('timed'),
      ask('held'),
    ]);
    return { judged, slow, timed, held };
  }

  it('gives new versions their first traffic when the portal lets them in', async () => {
    const change = {
      judged: ['VERSION', '4.3.0-errors\n'],
      slow: ['VERSION', '2.9.0-slow\n'],
      timed: ['gates.txt', 'six\n'],
      held: ['hubs.txt', 'north\n'],
    } as const;
    promotion = await ofEach(async name => {
      const [file, content] = change[name];
      const id = await service[name].promoteNew(file, content);
      await service[name].untilWeight(5);
      return id;
    });
    for (const [name, id] of Object.entries(promotion)) {
      const { events } = await service.held.delivery.promotion(id);
      const types = events.map(({ type }) => type);
      expect({ name, types }).toEqual({
        name,
        types: expect.arrayContaining(['canaryBound', 'canaryMoved']),
      });
    }
  });

  it('keeps every canary where it is while the portal is away', async () => {
    const { portal } = world();
    await portal.stop();
    const weights = await ofEach(name => service[name].weight());
    // Long enough for each to be looked at.
    await new Promise(resolve => setTimeout(resolve, 12_000));
    expect(await ofEach(name => service[name].weight())).toEqual(weights);
    await portal.start();
    stories = {
      timed: passThenMeddle(),
      held: holdThenHurry(),
      judged: beJudged('judged'),
      slow: beJudged('slow'),
    };
    // Each is waited for by a test of its own.
    for (const story of Object.values(stories)) story.catch(() => undefined);
  });

  it('lets a version pass every step after its soak, over a restart', async () => {
    const { passed, stable } = await stories.timed;
    expect(passed.outcome).toBe('promoted');
    expectEveryStep(passed, 20_000);
    expect(stable).not.toBe(before.timed);
  });

  it('trap 5: lets in neither a revert nor another version that somebody writes to Git in mid-run, until a person takes it back', async () => {
    const { stable, meddled } = await stories.timed;
    expect(meddled.reverted).toEqual([5]);
    expect(meddled.strange).toEqual([0]);
    expect(meddled.aborted.outcome).toBe('aborted');
    expect(meddled.problem?.message).toMatch(/Git says otherwise/);
    expect(meddled.left).toEqual(backTo(stable));
  });

  it('holds a closed gate for as long as it is closed, then goes as fast as people say', async () => {
    const { soaking, hurried, done, versions } = await stories.held;
    expect(soaking).toEqual([5]);
    expect(hurried).toEqual([25]);
    expect(done.outcome).toBe('fastPromoted');
    expect(versions.stable).toBe(versions.canary);
    expect(versions.stable).not.toBe(before.held);
  });

  it('goes back in an emergency without any step, and leaves nothing of that in Git', async () => {
    const { emergency } = await stories.held;
    expect(emergency.weights).toEqual([0]);
    expect(emergency.view.outcome).toBe('fastPromoted');
    expect(emergency.left).toEqual(backTo(before.held));
    expect(emergency.canaryInGit).not.toContain('skipAnalysis');
  });

  it.each([
    ['fails', 'judged', /errors? in .* requests/],
    ['is slow', 'slow', /P95/],
  ] as const)(
    'takes a version back that %s, and puts Git back',
    async (_, name, sentence) => {
      const { problem, ended, left } = await stories[name];
      expect(problem).toMatchObject({
        code: 'canaryTakenBack',
        message: expect.stringMatching(sentence),
      });
      expect(ended.outcome).toBe('rolledBack');
      expect(left).toEqual(backTo(before[name]));
    },
  );

  async function passThenMeddle() {
    const { timed } = service;
    await timed.delivery.untilPhase(
      promotion.timed,
      'succeeded',
      PASSING_PATIENCE_MS,
    );
    const passed = await timed.view(promotion.timed);
    const { stable } = await timed.versions();
    return { passed, stable, meddled: await meddle(timed) };
  }

  /** Git goes back to the stable version by hand, then to one that nobody promoted; then a person takes it back. */
  async function meddle(canary: CanaryOfService) {
    const { stable } = await canary.versions();
    const overlay = await readOverlay();
    const id = await canary.promoteNew('gates.txt', 'seven\n');
    await canary.untilWeight(5);
    await canary.steer('nils', id, 'pause', 'Belts stutter');
    await writeOverlay(overlay, 'Go back');
    await canary.untilDeclared(stable);
    const reverted = await canary.untilRefused(id, 'notApproved', 2);
    await writeOverlay(
      overlay
        .replace(/newTag: .*/, 'newTag: 9.9.9')
        .replace(/digest: .*/, `digest: sha256:${'9'.repeat(64)}`),
      'Try something',
    );
    await canary.untilDeclared('9.9.9');
    await canary.untilWeight(0);
    const strange = await canary.untilRefused(id, 'notApproved', 2);
    await canary.steer('jonas', id, 'abort', 'Git says otherwise');
    const { problem } = await canary.delivery.untilPhase(id, 'failed');
    const aborted = await canary.view(id);
    const left = await untilBack(canary);
    return { reverted, strange, aborted, problem, left };
  }

  async function holdThenHurry() {
    const { held } = service;
    const id = promotion.held;
    const soaking = await held.untilRefused(id, 'soaking', 6);
    await held.steer('jonas', id, 'stepNow', 'Nobody complains');
    await held.untilWeight(25);
    const hurried = await held.untilRefused(id, 'soaking', 2);
    await held.steer('jonas', id, 'promoteFully', 'All hubs wait for it');
    await held.delivery.untilPhase(id, 'succeeded', PASSING_PATIENCE_MS);
    const done = await held.view(id);
    const versions = await held.versions();
    return { soaking, hurried, done, versions, emergency: await goBack(held) };
  }

  async function goBack(canary: CanaryOfService) {
    const { delivery } = canary;
    const { promotions } = must(
      202,
      await delivery.rollBack('jonas', {
        stages: [watchedStage],
        reason: 'Hubs are mixed up',
      }),
    );
    const weights = new Set<number>();
    const left = await until('the emergency to be over', async () => {
      weights.add(await canary.weight());
      const { promotion: rollback } = await delivery.promotion(
        promotions[0].id,
      );
      if (rollback.phase !== 'succeeded') throw new Error(rollback.phase);
      const { phase, release } = rollback;
      return { phase, version: release.version, ...(await canary.versions()) };
    });
    const view = await canary.view(promotions[0].id);
    return { weights: [...weights], view, left, canaryInGit: await restored() };
  }

  /** The manifest of the canary, once the portal has undone what it wrote there for the emergency. */
  async function restored(): Promise<string> {
    const { name } = canaryServices.held;
    const path = `services/${name}/overlays/${watchedStage}/canary.yaml`;
    const fleet = await FleetHistory.clone(world().surroundings);
    try {
      return await until('the emergency to be undone in Git', async () => {
        const commits = await fleet.subjects(path);
        return commits.length === 3 ? fleet.read(path) : undefined;
      });
    } finally {
      await fleet.remove();
    }
  }

  /** Reads what promotions change of the service that only time decides about. */
  async function readOverlay(): Promise<string> {
    const fleet = await FleetHistory.clone(world().surroundings);
    const content = await fleet.read(overlayOf(canaryServices.timed.name));
    await fleet.remove();
    return content;
  }

  /** Somebody writes that past the portal. */
  async function writeOverlay(content: string, message: string): Promise<void> {
    const { surroundings } = world();
    const path = overlayOf(canaryServices.timed.name);
    // The portal writes for other services meanwhile.
    await until('the overlay to be written', async () => {
      await writeFleet(
        surroundings,
        async () => ({ [path]: content }),
        message,
      );
      return true;
    });
  }

  async function beJudged(name: 'judged' | 'slow') {
    const judged = service[name];
    const id = promotion[name];
    const back = await judged.untilWeight(0, VERDICT_PATIENCE_MS);
    const { problem } = await judged.delivery.untilPhase(id, 'failed');
    const ended = await judged.view(id);
    const { events } = await judged.delivery.promotion(id);
    const at = (type: string) =>
      Date.parse(events.filter(event => event.type === type).pop()?.at ?? '');
    const [{ since }] = ended.targets[0].steps;
    const found = (at('canaryJudged') - Date.parse(since ?? '')) / 1_000;
    const returned = (back.getTime() - at('canaryJudged')) / 1_000;
    // Figures of docs/performance.md.
    process.stdout.write(
      `${name}: ${found} s from the first traffic to the verdict, ${returned} s more until all traffic was back\n`,
    );
    return { problem, ended, left: await untilBack(judged) };
  }

  /** Waits until the portal itself has put Git back. Returns what is left then. */
  async function untilBack(canary: CanaryOfService) {
    return until('Git to be back', async () => {
      const { last } = await canary.delivery.stage(watchedStage);
      if (last?.kind !== 'rollback') throw new Error(JSON.stringify(last));
      const { phase, release } = last;
      return { phase, version: release.version, ...(await canary.versions()) };
    });
  }

  function backTo(version: string | undefined) {
    return { phase: 'succeeded', version, canary: version, stable: version };
  }

  it('leaves a history in Git that says what happened', async () => {
    const history = await FleetHistory.clone(world().surroundings);
    const { name } = canaryServices.judged;
    const [newest, bad] = await history.subjects(overlayOf(name));
    await history.remove();
    expect(newest).toMatch(`Roll back ${name} in ${watchedStage}`);
    expect(bad).toMatch(`Promote ${name} 4.3.0-errors to ${watchedStage}`);
  });
}
