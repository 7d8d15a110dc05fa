// SPDX-License-Identifier: Apache-2.0
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import type {
  AnsweredSeries,
  Meddling,
} from '../monitoring/testing/PrometheusProxy';
import { until } from '../promotions/__fixtures__/engines';
import { CanaryWorld } from './__testUtils__/CanaryWorld';

const databases = EmptyDatabases.create(['POSTGRES_18']);
const minute = 60_000;
const hour = 60 * minute;

jest.setTimeout(1_800_000);

/** Every value, with the same labels. */
function valued(to: (value: string) => string) {
  return (series: readonly AnsweredSeries[]) =>
    series.map(({ metric, values }) => ({
      metric,
      values: values.map(([at, value]) => [at, to(value)]),
    }));
}

function labelled(
  to: (labels: AnsweredSeries['metric']) => AnsweredSeries['metric'],
) {
  return (series: readonly AnsweredSeries[]) =>
    series.map(({ metric, values }) => ({ metric: to(metric), values }));
}

describe('a canary that meets with trouble', () => {
  let world: CanaryWorld;

  beforeAll(async () => {
    const database = await databases.take('POSTGRES_18');
    const strategy = { soak: 4 * minute, longestWait: 24 * hour };
    world = await CanaryWorld.start(database, { rate: 100, strategy });
  });

  afterAll(() => world?.stop());

  /** Waits until the canary is held for a reason although its soak is over. */
  async function untilHeld(why: RegExp): Promise<void> {
    const since = world.now() + 3 * minute;
    await until(async () => {
      const { open, code, sentence } = await world.nextQuestion();
      expect(open).toBe(false);
      if (world.now() <= since || code !== 'notDecided') return false;
      // What was said of earlier minutes is remembered, and asked for anew every ten minutes.
      if (world.now() > since + 15 * minute) expect(sentence).toMatch(why);
      return why.test(sentence);
    });
  }

  describe('a good version', () => {
    let promotion: string;

    beforeAll(async () => {
      world.meddle({ failure: 'cut' });
      promotion = await world.promote('4.4.0');
      await world.untilWeight(5);
    });

    it.each<[string, () => Meddling, RegExp]>([
      ['is away', () => ({ failure: 'cut' }), /broke off the connection/],
      ['never answers', () => ({ failure: 'hang' }), /did not answer within/],
      ['refuses', () => ({ failure: 403 }), /does not accept the credential/],
      ['says NaN', () => ({ series: valued(() => 'NaN') }), /no counters/],
      ['is empty', () => ({ series: () => [] }), /no counters/],
      [
        'tells of something else',
        () => ({ series: labelled(labels => ({ ...labels, pod: 'other' })) }),
        /no counters/,
      ],
      ['has a clock that is wrong', () => ({ ahead: 90 }), /clock 90 s ahead/],
    ])(
      'keeps its weight while Prometheus %s, and says so',
      async (_, meddling, why) => {
        world.meddle(meddling());
        await untilHeld(why);
        expect(world.canary?.weight).toBe(5);
      },
    );

    it('keeps its weight while the newest sample of Prometheus is old, and says so', async () => {
      const newest = (await world.reached(promotion, 5)) + 2 * minute;
      world.meddle({
        series: series =>
          series.map(({ metric, values }) => ({
            metric,
            values: values.filter(([at]) => at * 1_000 <= newest),
          })),
      });
      await untilHeld(/no data of the canary for [\d.]+ /);
      expect(world.canary?.weight).toBe(5);
    });

    it('goes on when Prometheus answers again', async () => {
      world.meddle({});
      await world.untilWeight(25);
      const decisions = (await world.events(promotion)).flatMap(event =>
        event.type === 'canaryJudged' ? [event.decision] : [],
      );
      expect(decisions).not.toContain('rollBack');
    });

    it('keeps its weight while the portal is away, and goes on from there', async () => {
      await world.stopPortal();
      await world.pass(6);
      expect(world.canary?.weight).toBe(25);
      world.startPortal();
      await world.untilWeight(50);
    });

    it('waits for an hour behind a closed gate, and nothing is lost', async () => {
      await world.steer(promotion, 'pause', 'Late shift');
      world.meddle({ failure: 'cut' });
      await world.pass(60);
      const question = await world.nextQuestion();
      expect(question).toMatchObject({ open: false, code: 'paused' });
      expect(world.canary?.weight).toBe(50);
      world.meddle({});
      await world.steer(promotion, 'resume', 'Early shift');
      expect(await world.untilPhase(promotion, 'succeeded')).toMatchObject({
        proof: [{ canary: 'promoted' }],
      });
      expect(await world.moves(promotion)).toEqual([
        'progressing 5',
        'progressing 25',
        'progressing 50',
        'progressing 100',
        'promoting 100',
        'finalising 0',
        'idle 0',
      ]);
    });
  });

  it('takes back what could not be judged to the end of the longest wait', async () => {
    world.meddle({ failure: 'cut' });
    world.declare({ soak: 2 * minute, longestWait: 4 * minute });
    const promotion = await world.promote('4.4.1');
    expect(await world.untilPhase(promotion, 'failed')).toMatchObject({
      problem: {
        code: 'canaryTakenBack',
        message: expect.stringMatching(/could not be decided within/),
      },
    });
    const end = (await world.events(promotion)).find(
      event => event.type === 'canaryJudged' && event.decision === 'rollBack',
    );
    const waited =
      Date.parse(end?.at ?? '') - (await world.reached(promotion, 5));
    expect(waited).toBeGreaterThanOrEqual(6 * minute);
    await world.untilGitIsBack();
  });

  it('keeps what could not be judged where a person decides', async () => {
    world.declare({
      soak: 2 * minute,
      longestWait: 3 * minute,
      promotion: 'manual',
    });
    const promotion = await world.promote('4.4.2');
    await world.untilWeight(5);
    await world.pass(8);
    await untilHeld(/Prometheus/);
    expect(world.canary?.weight).toBe(5);
    await world.steer(promotion, 'abort', 'Nobody can tell');
    await world.untilPhase(promotion, 'failed');
    await world.untilGitIsBack();
    world.meddle({});
  });

  it('lets in neither a revert nor another version that somebody writes in mid-run', async () => {
    world.declare({ soak: 24 * hour });
    const before = await world.overlay();
    const promotion = await world.promote('4.4.3');
    await world.untilWeight(5);
    await world.writeOverlay(before);
    const reverted = await until(async () => {
      const question = await world.nextQuestion();
      return question.code === 'notApproved' && question;
    });
    expect(reverted.open).toBe(false);
    expect(world.canary?.weight).toBe(5);
    await world.writeOverlay(
      before.replace(/newTag: .*/, 'newTag: 9.9.9').replace(/digest: .*/, ''),
    );
    await world.untilWeight(0);
    await world.pass(5);
    const stranger = await world.nextQuestion();
    expect(stranger).toMatchObject({ open: false, code: 'notApproved' });
    expect(stranger.sentence).toMatch(/9\.9\.9/);
    expect(world.canary).toMatchObject({ phase: 'progressing', weight: 0 });
    await world.steer(promotion, 'abort', 'Git says otherwise');
    await world.untilPhase(promotion, 'failed');
    await world.untilGitIsBack();
    expect(await world.overlay()).toMatch(/newTag: 4\.4\.0/);
  });
});
