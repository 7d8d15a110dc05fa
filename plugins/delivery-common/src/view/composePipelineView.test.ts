// SPDX-License-Identifier: Apache-2.0
import type { CanaryMove } from '../canary/run/timeline';
import type { Freshness } from '../cluster/freshness';
import type { TargetState } from '../cluster/targetState';
import { targetKey, type Promotion } from '../promotion/promotion';
import { findCandidate } from './candidate';
import { composePipelineView } from './composePipelineView';
import { runningIn } from './running';
import type { PipelineSituation, StageSituation } from './situation';
import {
  aPipeline,
  aRelease,
  aSituation,
  aTarget,
  aWaitingPromotion,
  digestOf,
  image,
  seenAt,
  type StageRuns,
} from './__fixtures__/aSituation';

const [, , staging, production, edge] = aPipeline().stages;
const since = '2026-05-07T14:26:00.000Z';

function stageOf(situation: PipelineSituation, name: string) {
  const stage = composePipelineView(situation).stages.find(
    one => one.name === name,
  );
  if (!stage) throw new Error(`No stage ${name}`);
  return stage;
}

/** The staging stage with one target that is as given. */
function withStaging(target: TargetState, more: Partial<StageSituation> = {}) {
  return stageOf(
    aSituation(
      {},
      { stages: { 'cloud-staging': { targets: [target], ...more } } },
    ),
    'cloud-staging',
  );
}

/** A promotion whose engine was last seen in a phase, with a share of the traffic in percent. */
function aCanary(
  phase: CanaryMove['phase'],
  weight: number,
): Extract<Promotion, { phase: 'verifying' }> {
  const waiting = aWaitingPromotion(aRelease(8));
  const [first] = waiting.declaration.targets;
  const moves = [{ at: seenAt, phase, weight }];
  return {
    ...waiting,
    phase: 'verifying',
    commit: { sha: 'c', branch: 'main', changed: true },
    committedAt: seenAt,
    progress: { [targetKey(first)]: { canary: { moves } } },
  };
}

describe('the state of a stage', () => {
  const [target] = staging.targets;
  const away = (
    state: 'stale' | 'unreachable' | 'forbidden',
  ): { freshness: Freshness } => ({
    freshness: { state, since, seenAt: since, problem: 'no answer.' },
  });

  it.each<[string, TargetState, string, string]>([
    ['healthy', aTarget(target, 7), 'ok', 'Healthy'],
    ['empty', aTarget(target, undefined), 'never', 'Never deployed'],
    [
      'degraded',
      aTarget(target, 7, { workload: { health: 'degraded' } }),
      'warn',
      'Degraded',
    ],
    [
      'moving by itself',
      aTarget(target, 7, { workload: { health: 'progressing' } }),
      'run',
      'Rolling out',
    ],
    [
      'suspended',
      aTarget(target, 7, { flux: { ready: 'True', suspended: true } }),
      'hold',
      'Held',
    ],
    [
      'failing in Flux',
      aTarget(target, 7, { flux: { ready: 'False', suspended: false } }),
      'warn',
      'Flux fails',
    ],
    [
      'failing at its source',
      aTarget(target, 7, {
        flux: {
          ready: 'True',
          suspended: false,
          source: { ready: 'False', suspended: false, message: 'auth' },
        },
      }),
      'warn',
      'Flux fails',
    ],
    ['silent', aTarget(target, 7, away('stale')), 'stale', 'Was healthy'],
    [
      'silent after it was degraded',
      aTarget(target, 7, {
        ...away('stale'),
        workload: { health: 'degraded' },
      }),
      'stale',
      'Was degraded',
    ],
    ['away', aTarget(target, 7, away('unreachable')), 'bad', 'Unreachable'],
    ['refusing', aTarget(target, 7, away('forbidden')), 'lock', 'No access'],
    [
      'not heard from yet',
      aTarget(target, undefined, { freshness: { state: 'never', since } }),
      'never',
      'Never seen',
    ],
  ])('whose target is %s', (_what, state, key, word) => {
    expect(withStaging(state).state).toMatchObject({ key, word });
  });

  it('is never green when a target is not live, whatever it last said', () => {
    for (const state of ['stale', 'unreachable', 'forbidden'] as const) {
      const stage = withStaging(aTarget(target, 7, away(state)));
      expect(stage.state.key).not.toBe('ok');
      expect(stage.facts).toContain('2 of 2 pods were ready');
      expect(stage.seenAt).toBe(since);
    }
  });

  it('is the worst of its targets', () => {
    const [jetson, pi] = edge.targets;
    const stage = stageOf(
      aSituation(
        {},
        {
          stages: {
            'edge-production': {
              targets: [aTarget(jetson, 7), aTarget(pi, 7, away('stale'))],
            },
          },
        },
      ),
      'edge-production',
    );
    expect(stage.state).toMatchObject({
      key: 'stale',
      detail: 'edge: no answer.',
    });
  });

  it('does not change while a promotion only waits, and follows it afterwards', () => {
    const waiting = aWaitingPromotion(aRelease(8));
    const withActive = (active: StageSituation['active']) =>
      stageOf(
        aSituation(
          { staging: 8, production: 7 },
          { stages: { 'cloud-production': { active } } },
        ),
        'cloud-production',
      ).state;
    expect(withActive({ promotion: waiting, unmet: [] }).word).toBe('Healthy');
    expect(
      withActive({ promotion: { ...waiting, phase: 'writing' }, unmet: [] }),
    ).toEqual({ key: 'run', word: 'Writing to Git' });
  });

  it.each<[string, CanaryMove['phase'], number, string]>([
    ['has no traffic yet', 'progressing', 0, 'Rolling out'],
    ['is tested', 'progressing', 25, 'Canary at 25 %'],
    ['waits for the last word', 'waitingPromotion', 50, 'Canary at 50 %'],
    ['becomes the stable version', 'promoting', 100, 'Rolling out'],
  ])('says of a canary that %s: %s, %d %%', (_what, phase, weight, word) => {
    const promotion = aCanary(phase, weight);
    const view = composePipelineView(
      aSituation(
        { staging: 8, production: 7 },
        {
          stages: { 'cloud-production': { active: { promotion, unmet: [] } } },
        },
      ),
    );
    const stage = view.stages.find(({ name }) => name === 'cloud-production');
    expect(stage?.state).toEqual({ key: 'run', word });
    expect(view.sentence.text).toBe(
      word.startsWith('Canary')
        ? `2.8.0 is tested in Cloud production with ${weight} % of the traffic.`
        : '2.8.0 is on its way to Cloud production.',
    );
  });

  it('says that what runs was taken back, or that the last promotion failed', () => {
    const { attempted: _, ...asked } = aWaitingPromotion(aRelease(7));
    const after = (last: StageSituation['last']) =>
      withStaging(aTarget(target, 7), { last }).state;
    expect(
      after({
        unmet: [],
        promotion: {
          ...asked,
          phase: 'succeeded',
          kind: 'rollback',
          finishedAt: seenAt,
          commit: { sha: 'c', branch: 'main', changed: true },
          proof: [],
        },
      }),
    ).toEqual({ key: 'back', word: 'Rolled back' });
    expect(
      after({
        unmet: [],
        promotion: {
          ...asked,
          phase: 'failed',
          finishedAt: seenAt,
          problem: { code: 'stalled', message: 'stuck.' },
        },
      }),
    ).toEqual({
      key: 'warn',
      word: 'Promotion failed',
      detail: '2.7.0: stuck.',
    });
  });
});

describe('the version of a stage', () => {
  it('comes from the digest; a tag alone is shown but not believed', () => {
    const moved = `${image}:2.7.0@${digestOf(99)}`;
    const stage = stageOf(aSituation({ staging: moved }), 'cloud-staging');
    expect(stage.release).toEqual({ version: '2.7.0' });
    expect(stage.facts).toContain('2.7.0 is not a known release');
    expect(stage.targets[0]).toMatchObject({
      version: '2.7.0',
      digest: digestOf(99),
    });
  });

  it('counts when targets differ', () => {
    const stage = stageOf(aSituation({ edge: [7, 6] }), 'edge-production');
    expect(stage.release?.version).toBe('2.7.0');
    expect(stage.facts).toEqual([
      '4 of 4 pods ready',
      '2.7.0 on 1 of 2 targets',
      '2.6.0 on 1 of 2 targets',
    ]);
  });
});

describe('the candidate of a stage', () => {
  const candidate = (
    stage: typeof staging,
    runs: Parameters<typeof aSituation>[0],
    releases = [aRelease(8), aRelease(7), aRelease(6)],
  ) => {
    const situation = aSituation(runs, { releases });
    const running = new Map(
      Array.from(situation.stages, ([name, { targets }]) => [
        name,
        targets.map(one => runningIn(one, [image], situation.byDigest)),
      ]),
    );
    return findCandidate(stage, { pipeline: aPipeline(), releases, running })
      ?.version;
  };
  const failed = aRelease(8, {
    ci: {
      run: '1',
      startedAt: seenAt,
      finishedAt: seenAt,
      jobs: [{ name: 'lint', outcome: 'failed' }],
    },
  });

  it.each<[string, string | undefined, string | undefined]>([
    ['the newest release', candidate(staging, { staging: 7 }), '2.8.0'],
    ['none when it is there', candidate(staging, { staging: 8 }), undefined],
    [
      'none without releases',
      candidate(staging, { staging: undefined }, []),
      undefined,
    ],
    [
      'not one that CI failed',
      candidate(staging, { staging: 6 }, [failed, aRelease(7), aRelease(6)]),
      '2.7.0',
    ],
    [
      'what runs in the stage before',
      candidate(production, { staging: 8, production: 7 }),
      '2.8.0',
    ],
    [
      'none when the stage before runs nothing known',
      candidate(production, { staging: 'other:1', production: 7 }),
      undefined,
    ],
    [
      'none when the stage before was taken back behind this one',
      candidate(production, { staging: 6, production: 7 }),
      undefined,
    ],
    [
      'what one of two targets still lacks',
      candidate(edge, { production: 7, edge: [7, 6] }),
      '2.7.0',
    ],
  ])('is %s', (_what, found, expected) => {
    expect(found).toBe(expected);
  });
});

describe('what may be done', () => {
  const mayNot = { code: 'notPermitted', text: 'You may not.', owners: [] };

  it('lists every reason, and nothing to promote is one', () => {
    const stage = stageOf(
      aSituation(
        { staging: 8, production: 8 },
        { stages: { 'cloud-production': { rollback: [mayNot] } } },
      ),
      'cloud-production',
    );
    expect(stage.allowedActions).toMatchObject([
      {
        action: 'promote',
        allowed: false,
        reasons: [{ code: 'nothingToPromote' }],
      },
      { action: 'rollback', allowed: false, reasons: [mayNot] },
    ]);
  });

  it('offers the decision only while an approval waits, with its promotion', () => {
    const stage = stageOf(
      aSituation(
        { staging: 8, production: 7 },
        {
          stages: {
            'cloud-production': {
              active: { promotion: aWaitingPromotion(aRelease(8)), unmet: [] },
              decide: [],
              cancel: [mayNot],
            },
          },
        },
      ),
      'cloud-production',
    );
    expect(
      stage.allowedActions.map(({ action, allowed, promotion }) => [
        action,
        allowed,
        promotion,
      ]),
    ).toEqual([
      ['promote', false, undefined],
      ['approve', true, 'promotion-1'],
      ['reject', true, 'promotion-1'],
      ['cancel', false, 'promotion-1'],
      ['rollback', true, undefined],
    ]);
    expect(stage.next).toBe('2.8.0 waits for your decision.');
    expect(stage.gates).toMatchObject([
      { gate: 'Approval by team-leads', verdict: 'waiting', code: 'notAsked' },
    ]);
  });

  it('offers nothing on the developer’s machine and in CI, and does not invent reports', () => {
    const view = composePipelineView(aSituation({}, { releases: [] }));
    for (const stage of view.stages.slice(0, 2)) {
      expect(stage.state).toEqual({ key: 'never', word: 'Never reported' });
      expect(stage.allowedActions).toEqual([]);
    }
  });
});

describe('the sentence', () => {
  const active = {
    promotion: aWaitingPromotion(aRelease(8)),
    unmet: [
      {
        code: 'needsApproval',
        text: 'Waits for an approval by team-leads.',
        owners: ['group:default/team-leads'],
        gate: 'Approval by team-leads',
      },
    ],
  };
  const sentence = (
    runs: {
      staging?: StageRuns;
      production?: StageRuns;
      edge?: [StageRuns, StageRuns];
    },
    stages: Record<string, Partial<StageSituation>> = {},
  ) => composePipelineView(aSituation(runs, { stages })).sentence;

  it('says first what waits for the viewer', () => {
    const found = sentence(
      { staging: 8, production: 7, edge: [7, 7] },
      { 'cloud-production': { active, decide: [] } },
    );
    expect(found).toEqual({
      key: 'you',
      lead: '2.8.0 waits for your approval to enter Cloud production.',
      text: '',
      promotion: 'promotion-1',
    });
  });

  it('says what waits for others, then what moves, then what is away', () => {
    const [jetson, pi] = edge.targets;
    const gone: Freshness = { state: 'stale', since, problem: 'silent.' };
    const found = sentence(
      { staging: 8, production: 7 },
      {
        'cloud-production': { active },
        'cloud-staging': {
          active: {
            promotion: {
              ...aWaitingPromotion(aRelease(8)),
              declaration: {
                ...active.promotion.declaration,
                stageTitle: 'Cloud staging',
              },
              phase: 'writing',
            },
            unmet: [],
          },
        },
        'edge-production': {
          targets: [
            aTarget(jetson, 7, { freshness: gone }),
            aTarget(pi, 7, { freshness: gone }),
          ],
        },
      },
    );
    expect(found).toEqual({
      key: 'stale',
      text: '2.8.0 waits to enter Cloud production. 2.8.0 is on its way to Cloud staging. Edge production is silent; 2.7.0 was there.',
    });
  });

  it.each<[string, Parameters<typeof sentence>[0], string]>([
    [
      'all is the same',
      { staging: 8, production: 8, edge: [8, 8] },
      '2.8.0 runs in every stage. Nothing waits.',
    ],
    ['nothing was deployed', {}, '2.8.0 is ready; nothing was deployed yet.'],
  ])('says how far things are when %s', (_when, runs, text) => {
    expect(sentence(runs)).toEqual({ key: 'ok', text });
  });

  it.each<[PipelineSituation['document'], string]>([
    [
      {
        state: 'invalid',
        problems: [{ line: 1, column: 1, code: 'syntax', message: '' }],
      },
      'The pipeline document has 1 problem, so nothing can be promoted.',
    ],
    [
      { state: 'unreadable', problems: [], message: 'There is no file.' },
      'There is no file.',
    ],
  ])('explains a page without stages', (document, text) => {
    const { sentence: found, stages } = composePipelineView(
      aSituation({}, { situation: { document, pipeline: undefined } }),
    );
    expect(stages).toEqual([]);
    expect(found).toEqual({ key: 'bad', text });
  });
});

describe('after a rollback', () => {
  const { attempted: _, ...asked } = aWaitingPromotion(aRelease(7));
  const last: StageSituation['last'] = {
    unmet: [],
    promotion: {
      ...asked,
      kind: 'rollback',
      phase: 'succeeded',
      replaces: aRelease(8),
      finishedAt: seenAt,
      commit: { sha: 'c', branch: 'main', changed: true },
      proof: [],
    },
  };
  const view = composePipelineView(
    aSituation(
      { staging: 8, production: 7 },
      {
        stages: {
          'cloud-production': {
            last,
            candidate: { release: aRelease(8), gates: [], reasons: [] },
          },
        },
        situation: { promotions: [last] },
      },
    ),
  );

  it('says so, and does not offer the same release as if nothing had happened', () => {
    expect(view.sentence).toEqual({
      key: 'back',
      text: 'Cloud production was taken back to 2.7.0.',
    });
    expect(view.stages[3].next).toBe(
      '2.8.0 was taken back from here. Promote it again by hand, or wait for a newer one.',
    );
  });

  it('marks the release that was taken back on the road', () => {
    expect(view.road[0].cells[3]).toEqual({
      stage: 'cloud-production',
      state: { key: 'back', word: 'Taken back' },
      at: seenAt,
    });
  });
});

describe('the road', () => {
  it('shows how far each release has come', () => {
    const { road } = composePipelineView(
      aSituation(
        { staging: 8, production: 7, edge: [7, 6] },
        {
          stages: {
            'cloud-production': {
              active: { promotion: aWaitingPromotion(aRelease(8)), unmet: [] },
            },
          },
        },
      ),
    );
    expect(
      road.map(({ release, cells }) => [
        release.version,
        ...cells.slice(1).map(({ state }) => `${state.key} ${state.word}`),
      ]),
    ).toEqual([
      ['2.8.0', 'ok Verified', 'ok Here', 'wait Waiting', 'todo Not started'],
      [
        '2.7.0',
        'ok Verified',
        'skip Passed by',
        'ok Here',
        'warn On 1 of 2 targets',
      ],
      [
        '2.6.0',
        'ok Verified',
        'skip Passed by',
        'skip Passed by',
        'warn On 1 of 2 targets',
      ],
    ]);
  });

  it('goes back as far as something old runs', () => {
    const releases = Array.from({ length: 30 }, (_, index) =>
      aRelease(50 - index),
    );
    const rows = (oldest: number) =>
      composePipelineView(aSituation({ staging: 50 - oldest }, { releases }))
        .road.length;
    expect(rows(0)).toBe(8);
    expect(rows(11)).toBe(12);
    expect(rows(25)).toBe(16);
  });
});
