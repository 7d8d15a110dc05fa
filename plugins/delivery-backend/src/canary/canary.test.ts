// SPDX-License-Identifier: Apache-2.0
import {
  usualCanaryStrategy,
  type CanaryHook,
  type CanaryMinute,
  type CanaryStrategy,
  type PromotionEventType,
  type SteeringAction,
} from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import {
  accepted,
  Engines,
  until,
  untilPhase,
} from '../promotions/__fixtures__/engines';
import type { CanaryInMemory } from '../promotions/__fixtures__/MemoryClusters';
import {
  memoryWorld,
  type MemoryWorld,
} from '../promotions/__fixtures__/memoryWorld';
import {
  aPipeline,
  aRelease,
  aTarget,
  omar,
  service,
} from '../promotions/__fixtures__/parcelVision';
import type { PromotionEngine } from '../promotions/createPromotionEngine';
import { clusterKey, isKeyOf } from './clusterKey';

const databases = EmptyDatabases.create();
const old = aRelease(0);
const fresh = aRelease(1);
const target = aTarget('production');
const soak = usualCanaryStrategy.soak;
/** The usual strategy with a check of the pipeline's own. */
const strategy: CanaryStrategy = {
  ...usualCanaryStrategy,
  policy: {
    ...usualCanaryStrategy.policy,
    checks: [
      {
        title: 'Labels that scan',
        unit: '%',
        measure: { kind: 'share', part: 'scanned', whole: 'labels' },
        rule: { side: 'lower', limit: 0.95 },
      },
    ],
  },
};

jest.setTimeout(60_000);

/** So many minutes in which both versions do well, but for the errors of the canary and its labels. */
function minutes(
  count: number,
  errors: number,
  scanned = 0.99,
): readonly CanaryMinute[] {
  const arm = (requests: number, failures: number, good = 0.99) => ({
    requests,
    errors: failures,
    buckets: [requests * 0.7, requests * 0.28, requests * 0.02],
    cpuPercent: 30,
    memoryPercent: 40,
    scrapes: 4,
    checks: [
      { title: 'Labels that scan', value: requests * good, of: requests },
    ],
  });
  return Array.from({ length: count + 30 }, (_, index) => ({
    minute: index - 29,
    weightPercent: index < 30 ? 0 : 25,
    baseline: arm(6_000, 1),
    canary: index < 30 ? arm(0, 0) : arm(2_000, errors, scanned),
  }));
}

describe.each(databases.eachSupportedId())('canaries on %s', id => {
  let database: Knex;
  let world: MemoryWorld;
  let engines: Engines;
  let engine: PromotionEngine;
  let promotion: string;

  beforeEach(async () => {
    database = await databases.take(id);
    const usual = aPipeline([]);
    world = memoryWorld({
      ...usual,
      stages: usual.stages.map(stage =>
        stage.name === 'production' ? { ...stage, strategy } : stage,
      ),
    });
    engines = new Engines(database, world);
    world.releases.report(old);
    world.releases.report(fresh);
    world.settle(old, 'production', 'edge');
    world.settle(fresh, 'staging');
    show({ phase: 'idle', weight: 0, stable: old, end: 'neverRan' });
    engine = engines.start();
    await until(async () => {
      const { observations } = await engine.observer.survey(aPipeline());
      return observations.some(
        ({ stage, arrivedAt }) => stage === 'staging' && arrivedAt,
      );
    });
    const command = { service, stage: 'production', release: fresh.id };
    promotion = accepted(await engine.promotions.request(command, omar)).stored
      .promotion.id;
    await happened('targetApplied');
  });

  afterEach(async () => {
    await engines.stop();
  });

  function show(canary: CanaryInMemory) {
    world.clusters.showCanary(target, canary);
  }

  async function happened(type: PromotionEventType, count = 1) {
    await until(async () => {
      const events = await engine.promotions.events(promotion);
      return events.filter(event => event.type === type).length >= count;
    });
  }

  /** The engine takes a step, and the portal sees it. */
  async function step(
    weight: number,
    phase: CanaryInMemory['phase'] = 'progressing',
  ) {
    const before = (await engine.promotions.events(promotion)).filter(
      ({ type }) => type === 'canaryMoved',
    ).length;
    show({ phase, weight, stable: old });
    await happened('canaryMoved', before + 1);
  }

  async function ask(hook: CanaryHook, checksum = 'a1') {
    const { open, code } = await engine.canaries.gates.answer({
      cluster: 'production',
      namespace: target.workload.namespace,
      name: target.workload.name,
      hook,
      checksum,
    });
    return `${open ? 'open' : 'closed'} ${code}`;
  }

  async function steer(action: SteeringAction) {
    accepted(
      await engine.promotions.steer(
        promotion,
        { action, reason: 'Late shift' },
        omar,
      ),
    );
  }

  /** Through the first step: 5 % of the traffic, bound to what is compared. */
  async function toFivePercent() {
    expect(await ask('confirm-rollout')).toBe('open approved');
    await step(0);
    expect(await ask('confirm-traffic-increase')).toBe('open approved');
    await happened('canaryBound');
    await step(5);
  }

  it('lets a good version through every step after its soak, and no earlier', async () => {
    await toFivePercent();
    let watched = 0;
    const watch = () => {
      watched += 32;
      const seen = minutes(watched, 0);
      world.metrics.reading = { minutes: seen, boundsMs: [100, 200] };
      world.clock.advance(soak);
    };
    for (const weight of [25, 50, 100]) {
      expect(await ask('confirm-traffic-increase')).toBe('closed soaking');
      watch();
      expect(await ask('confirm-traffic-increase')).toBe('open soaked');
      await step(weight);
    }
    expect(await ask('confirm-promotion')).toBe('closed soaking');
    watch();
    expect(await ask('confirm-promotion')).toBe('open soaked');
    await step(100, 'promoting');
    show({ phase: 'idle', weight: 0, stable: fresh, end: 'promoted' });
    const { promotion: done } = await untilPhase(
      engine,
      promotion,
      'succeeded',
    );
    expect(done).toMatchObject({ proof: [{ canary: 'promoted' }] });
    expect(await engine.canaries.analyst.review(done, target)).toMatchObject({
      verdict: { decision: 'goOn' },
      comparison: { boundsMs: [100, 200], minutes: minutes(watched, 0) },
    });
  });

  it('takes a bad version back, and puts Git back after it', async () => {
    await toFivePercent();
    expect(await ask('rollback')).toBe('closed nothingAgainstIt');
    world.metrics.reading = { minutes: minutes(12, 60), boundsMs: [100, 200] };
    world.clock.advance(60_000);
    expect(await ask('confirm-traffic-increase')).toBe('closed condemned');
    expect(await ask('rollback')).toBe('open condemned');
    show({ phase: 'failed', weight: 0, stable: old, end: 'rolledBack' });
    const { promotion: failed } = await untilPhase(engine, promotion, 'failed');
    expect(failed).toMatchObject({
      problem: {
        code: 'canaryTakenBack',
        message: expect.stringContaining('errors in'),
      },
    });
    const back = await until(async () => {
      const { active, last } =
        (await engine.promotions.byStage(service)).get('production') ?? {};
      const newest = active ?? last;
      return newest?.promotion.kind === 'rollback' && newest.promotion;
    });
    expect(back).toMatchObject({ release: { version: '2.8.0' } });
    await untilPhase(engine, back.id, 'succeeded');
    expect(world.fleet.commits.map(({ subject }) => subject)).toEqual([
      'Promote parcel-vision 2.8.1 to production',
      'Roll back parcel-vision in production to 2.8.0',
    ]);
  });

  it('takes a version back by a check of the pipeline, and shows that again from what it kept', async () => {
    await toFivePercent();
    const bad = minutes(12, 0, 0.5);
    world.metrics.reading = { minutes: bad, boundsMs: [100, 200] };
    world.clock.advance(60_000);
    expect(await ask('confirm-traffic-increase')).toBe('closed condemned');
    world.metrics.reading = undefined;
    const stored = await engine.promotions.get(promotion);
    const { analyst } = engine.canaries;
    expect(stored && (await analyst.review(stored.promotion, target))).toEqual(
      expect.objectContaining({
        comparison: expect.objectContaining({ minutes: bad }),
        verdict: expect.objectContaining({
          decision: 'rollBack',
          sentence: expect.stringMatching(
            /: Labels that scan: 6,000 of 12,000 \(50 %\), asked at least 95 %; evidence/,
          ),
        }),
      }),
    );
  });

  it('trap 5: a rollback in mid-run opens the gate first and writes to Git when the engine has taken it back', async () => {
    await toFivePercent();
    accepted(
      await engine.rollbacks.request(
        { service, stages: ['production'], reason: 'Belts stop' },
        omar,
      ),
    );
    expect(await ask('rollback')).toBe('open rollback');
    expect(await ask('confirm-traffic-increase')).toBe('closed notApproved');
    expect(world.fleet.commits).toHaveLength(1);
    show({ phase: 'failed', weight: 0, stable: old, end: 'rolledBack' });
    await until(async () => world.fleet.commits.length === 2);
  });

  it('obeys people, within what they were asked', async () => {
    await toFivePercent();
    await steer('pause');
    world.clock.advance(2 * soak);
    expect(await ask('confirm-traffic-increase')).toBe('closed paused');
    await steer('resume');
    await steer('stepNow');
    expect(await ask('confirm-traffic-increase')).toBe('open hurried');
    await step(25);
    expect(await ask('confirm-traffic-increase')).toBe('closed soaking');
    await steer('abort');
    expect(await ask('rollback')).toBe('open aborted');
    show({ phase: 'failed', weight: 0, stable: old, end: 'rolledBack' });
    const { promotion: failed } = await untilPhase(engine, promotion, 'failed');
    expect(failed).toMatchObject({
      problem: { message: expect.stringContaining('Late shift') },
    });
  });

  it('trap 9: stays closed over a restart, and other replicas say the same', async () => {
    await toFivePercent();
    const other = engines.start();
    world.metrics.reading = { minutes: minutes(32, 0), boundsMs: [100, 200] };
    for (const each of [engine, other]) {
      engine = each;
      expect(await ask('confirm-traffic-increase')).toBe('closed soaking');
    }
    await engines.stop();
    engine = engines.start();
    expect(await ask('confirm-traffic-increase')).toBe('closed soaking');
    world.clock.advance(soak);
    expect(await ask('confirm-traffic-increase')).toBe('open soaked');
  });

  it('holds a revision that arrives in mid-run, and one that nobody promoted', async () => {
    await toFivePercent();
    await steer('promoteFully');
    expect(await ask('confirm-traffic-increase')).toBe('open hurried');
    expect(await ask('confirm-traffic-increase', 'b2')).toBe(
      'closed revisionChanged',
    );
    world.clusters.run(target, aRelease(2));
    expect(await ask('confirm-rollout')).toBe('closed notApproved');
  });

  it('trap 10: goes no further while metrics can not be had, and tells what the engine asked last and was answered', async () => {
    await toFivePercent();
    await happened('canaryJudged');
    world.clock.advance(soak);
    expect(await ask('confirm-traffic-increase')).toBe('closed notDecided');
    expect(await ask('rollback')).toBe('closed nothingAgainstIt');
    const address = {
      cluster: 'production',
      ...target.workload,
    };
    expect(await engine.canaries.words.lastQuestion(address)).toMatchObject({
      hook: 'confirm-traffic-increase',
      open: false,
      sentence: 'Prometheus does not answer.',
    });
    world.clock.advance(usualCanaryStrategy.longestWait);
    expect(await ask('rollback')).toBe('open inconclusive');
    show({ phase: 'failed', weight: 0, stable: old, end: 'rolledBack' });
    const { promotion: failed } = await untilPhase(engine, promotion, 'failed');
    expect(failed).toMatchObject({
      problem: {
        code: 'canaryTakenBack',
        message: expect.stringContaining('could not be decided within'),
      },
    });
  });

  it('trap 11: answers for the cluster that asks and no other', async () => {
    const { gates } = engine.canaries;
    const question = {
      namespace: target.workload.namespace,
      name: target.workload.name,
      hook: 'confirm-rollout' as const,
      checksum: 'a1',
    };
    const open = async (cluster: string) =>
      (await gates.answer({ ...question, cluster })).open;
    expect(await open('production')).toBe(true);
    expect(await open('edge-north')).toBe(false);
    expect(await open('unheard-of')).toBe(false);
  });

  it('keeps what engines tell, the newest of it', async () => {
    const canary = { cluster: 'production', namespace: 'a', name: 'b' };
    const { words } = engine.canaries;
    for (let index = 0; index < 503; index++)
      await words.told(canary, {
        at: world.clock.now().toISOString(),
        type: 'Warning',
        message: `Halt ${index}`,
      });
    const notices = await words.notices(canary, 1_000);
    expect(notices).toHaveLength(500);
    expect(notices[0].message).toBe('Halt 502');
  });
});

test('trap 11: the key of one cluster speaks for no other, and no secret admits nobody', () => {
  const key = clusterKey('s3cret', 'cloud-production');
  expect(isKeyOf('s3cret', 'cloud-production', key)).toBe(true);
  expect(isKeyOf('s3cret', 'cloud-staging', key)).toBe(false);
  expect(isKeyOf('other', 'cloud-production', key)).toBe(false);
  expect(
    isKeyOf('', 'cloud-production', clusterKey('', 'cloud-production')),
  ).toBe(false);
  expect(isKeyOf('s3cret', 'cloud-production', '')).toBe(false);
});
