// SPDX-License-Identifier: Apache-2.0
import {
  aDrill,
  at,
  away,
  kindNamed,
  sight,
  well,
} from './__fixtures__/drills';
import { drillCatalogue } from './catalogue';
import type { DeviceSight, Drill, DrillFinding, DrillSight } from './drill';
import type { DrillEvent } from './drillEvent';
import {
  afterDrillEffect,
  nextDrillStep,
  type DrillEffectResult,
  type DrillTurn,
} from './nextDrillStep';

/** A drill that is played: the fault begins and ends as it wants unless the test says otherwise. */
class Play {
  drill: Drill;
  readonly effects: string[] = [];
  readonly events: DrillEvent[] = [];
  results: DrillEffectResult = { kind: 'done' };

  constructor(name: string) {
    this.drill = aDrill(kindNamed(name));
  }

  look(seconds: number, seen: DrillSight = sight()): this {
    const now = at(seconds);
    const facts = { now, sight: seen };
    const turn = this.#take(nextDrillStep(this.drill, facts));
    if (turn.effect) {
      this.effects.push(`${turn.effect} ${seconds}`);
      this.#take(afterDrillEffect(this.drill, this.results, now));
    }
    return this;
  }

  /** Looks every five seconds, with what is seen then. */
  from(start: number, end: number, seen: DrillSight): this {
    for (let second = start; second < end; second += 5) {
      this.look(second, seen);
    }
    return this;
  }

  abort(reason: string): this {
    const abort = { by: 'user:default/omar', at: this.drill.lookedAt, reason };
    this.drill = { ...this.drill, abort };
    return this;
  }

  finding(
    asks: DrillFinding['asks'],
    during?: DrillFinding['during'],
  ): DrillFinding {
    const found = this.drill.findings.find(
      each =>
        each.asks === asks && (during === undefined || each.during === during),
    );
    if (!found) throw new Error(`${asks} is not asked`);
    return found;
  }

  #take(turn: DrillTurn): DrillTurn {
    this.drill = turn.drill;
    this.events.push(...turn.events);
    return turn;
  }
}

it('ends a fault when its time is up, and passes when all was as expected', () => {
  const play = new Play('offline-5m')
    .look(0)
    .from(5, 60, sight())
    .from(60, 300, sight(away))
    .look(300, sight(away))
    .from(305, 330, sight(away))
    .look(335);
  expect(play.effects).toEqual(['beginFault 0', 'endFault 300']);
  expect(play.drill).toMatchObject({ phase: 'over', verdict: 'passed' });
  expect(play.finding('away')).toMatchObject({
    outcome: 'met',
    at: at(60),
    value: 'offline after 1 min',
  });
  expect(play.finding('ready').value).toBe('1 of 1 pods after 35 s');
  expect(play.events.map(({ type }) => type)).toEqual([
    'faultBegun',
    'faultEnding',
    'faultEnded',
    'drillOver',
  ]);
});

describe('what fails it', () => {
  it('is a device that does not come back in time', () => {
    const play = new Play('offline-5m')
      .look(0)
      .from(5, 305, sight(away))
      .from(305, 500, sight(away));
    expect(play.drill.verdict).toBe('failed');
    expect(play.finding('connected')).toMatchObject({
      outcome: 'notMet',
      value: 'offline after 2 min 5 s',
    });
    expect(play.finding('ready').outcome).toBe('notSeen');
  });

  it('is a restart that is noticed only when the device is back', () => {
    const restarted = well({
      pods: { 'vision-a': { running: true, restarts: 2 } },
    });
    const play = new Play('offline-5m')
      .look(0)
      .from(5, 305, sight(away))
      .from(305, 330, sight(restarted));
    expect(play.drill.verdict).toBe('failed');
    expect(play.finding('notRestarted').value).toBe('restarted: vision-a');
  });

  it.each<[string, DrillFinding['asks'], DrillSight]>([
    [
      'too hot',
      'cool',
      sight(well({ temperature: { value: 96, critical: 95 } })),
    ],
    ['gone', 'connected', sight(away)],
    ['another release', 'sameRelease', sight(well({ isRelease: false }))],
    ['a disturbed neighbour', 'othersWell', sight(well(), away)],
  ])('%s ends the fault at once', (_, asks, seen) => {
    const play = new Play('heat').look(0).look(5).look(10, seen);
    expect(play.effects).toEqual(['beginFault 0', 'endFault 10']);
    expect(play.drill.ending?.reason).toBe('notMet');
    expect(play.finding(asks).outcome).toBe('notMet');
  });
});

describe('containers that are killed once', () => {
  const before = well({
    pods: {
      'vision-a': { running: true, restarts: 3, containerRestarts: [3, 0] },
    },
  });
  const later = (restarts: readonly number[], running = true) =>
    sight(
      well({
        pods: {
          'vision-a': {
            running,
            restarts: restarts.reduce((sum, count) => sum + count, 0),
            containerRestarts: restarts,
          },
        },
      }),
    );
  const begun = () => {
    const play = new Play('container-restart');
    play.drill = { ...play.drill, before: sight(before) };
    return play.look(0);
  };

  it('pass when each was started again once, in the same pod', () => {
    const { drill } = begun()
      .look(5, later([3, 0], false))
      .look(10, later([4, 0], false))
      .from(15, 130, later([4, 1]));
    expect(drill.verdict).toBe('passed');
    expect(drill.findings.find(({ asks }) => asks === 'restarted')?.value).toBe(
      'each was started again after 15 s',
    );
  });

  it.each<[string, DrillFinding['asks'], DrillSight, string]>([
    ['one of them never', 'restarted', later([4, 0]), 'not started again'],
    ['one of them twice', 'restartedOnce', later([5, 0]), 'more than once'],
    [
      'those of another pod',
      'restartedOnce',
      sight(well({ pods: { 'vision-b': { running: true, restarts: 0 } } })),
      'replaced: vision-a',
    ],
  ])('fail when it is %s', (_, asks, seen, value) => {
    const play = begun().from(5, 260, seen);
    expect(play.drill.verdict).toBe('failed');
    expect(play.finding(asks)).toMatchObject({
      outcome: 'notMet',
      value: expect.stringContaining(value),
    });
  });
});

describe('a device that boots without a warning', () => {
  type Pods = Pick<DeviceSight, 'pods'>;
  const pod = (running: boolean, restarts: number): Pods => ({
    pods: { 'vision-a': { running, restarts } },
  });
  const before = well({ bootId: 'a' });
  const booted = (pods: Pods) => sight(well({ bootId: 'b', ...pods }));
  const begun = () => {
    const play = new Play('sudden-reboot');
    play.drill = { ...play.drill, before: sight(before) };
    // The lease is good for a while still, and nobody says that the pods are gone.
    return play.look(0).from(5, 40, sight(before)).from(40, 90, sight(away));
  };

  it('passes when it tells another boot, and its pods were started since', () => {
    const play = begun()
      .from(90, 100, booted(pod(true, 1)))
      .from(100, 120, booted(pod(false, 1)))
      .from(120, 310, booted(pod(true, 2)));
    expect(play.drill).toMatchObject({ phase: 'over', verdict: 'passed' });
    expect(play.finding('bootedAnew').value).toBe(
      'booted anew and connected after 1 min 30 s',
    );
    expect(play.finding('readyAnew').value).toBe('1 of 1 pods after 2 min');
  });

  it('may have other pods afterwards', () => {
    const another = { pods: { 'vision-b': { running: true, restarts: 0 } } };
    const play = begun().from(90, 310, booted(another));
    expect(play.drill.verdict).toBe('passed');
  });

  it.each<[string, DrillFinding['asks'], DrillSight, string]>([
    ['never booted', 'bootedAnew', sight(before), 'not booted anew'],
    ['stays away', 'bootedAnew', sight(away), 'offline'],
    ['has no pods', 'readyAnew', booted({ pods: {} }), '0 of 1'],
  ])('fails when it %s', (_, asks, seen, value) => {
    const play = begun().from(90, 700, seen);
    expect(play.drill.verdict).toBe('failed');
    expect(play.finding(asks)).toMatchObject({
      outcome: 'notMet',
      value: expect.stringContaining(value),
    });
  });

  it('tells nothing when nobody knows its boots', () => {
    const { drill } = begun().from(90, 700, sight(well(pod(true, 2))));
    expect(drill.verdict).not.toBe('passed');
  });
});

describe('what is not seen', () => {
  it('never passes', () => {
    const play = new Play('offline-1m')
      .look(0)
      .from(5, 65, {})
      .from(65, 250, {});
    expect(play.drill.verdict).toBe('unclear');
    expect(play.finding('connected').outcome).toBe('notSeen');
  });

  it('is not taken for a device that is away when its cluster is', () => {
    const play = new Play('offline-5m').look(0).from(5, 300, {});
    expect(play.finding('away')).toMatchObject({ outcome: 'notSeen' });
  });
});

describe('an end that is seen later than it was', () => {
  const played = (told: string) => {
    const play = new Play('offline-1m').look(0).from(5, 60, sight(away));
    play.results = { kind: 'done', at: told };
    return play.from(60, 400, sight(well()));
  };

  it('counts from when it was', () => {
    expect(played(at(59)).drill.faultEndedAt).toBe(at(59));
    const late = new Play('offline-1m').look(0).from(5, 60, sight(away));
    late.results = { kind: 'failed', problem: 'It is away.' };
    late.from(60, 300, sight(away));
    late.results = { kind: 'done', at: at(70) };
    late.look(300, sight(well())).look(305, sight(well()));
    expect(late.finding('connected')).toMatchObject({
      outcome: 'notMet',
      value: 'connected after 3 min 55 s',
    });
  });

  it.each([at(9_999), at(-5)])(
    'is not believed when it can not be: %s',
    told => {
      expect(played(told).drill.faultEndedAt).toBe(at(60));
    },
  );
});

describe('an end before its time', () => {
  it('is a person’s word, at once and without waiting for the recovery', () => {
    const play = new Play('high-load')
      .look(0)
      .look(5)
      .abort('Enough.')
      .look(10);
    expect(play.effects).toEqual(['beginFault 0', 'endFault 10']);
    expect(play.drill).toMatchObject({ phase: 'over', verdict: 'aborted' });
  });

  it('is a time without anybody who looks, and what is seen then counts no more', () => {
    const play = new Play('high-load').look(0).look(5).look(200, sight(away));
    expect(play.effects).toEqual(['beginFault 0', 'endFault 200']);
    expect(play.drill).toMatchObject({ phase: 'over', verdict: 'interrupted' });
    expect(play.finding('connected', 'throughout').outcome).toBe('met');
  });

  it('is a fault that does not begin; it is ended all the same', () => {
    const play = new Play('heat');
    play.results = { kind: 'failed', problem: 'No answer.' };
    play.look(0).look(60).look(125);
    expect(play.drill).toMatchObject({
      phase: 'ending',
      ending: { reason: 'notBegun', message: 'No answer.' },
    });
    play.results = { kind: 'done' };
    play.look(130);
    expect(play.drill).toMatchObject({ phase: 'over', verdict: 'notBegun' });
    expect(play.effects.at(-1)).toBe('endFault 130');
  });

  it('waits until the fault is really ended', () => {
    const play = new Play('heat').look(0).look(5).abort('Enough.');
    play.results = { kind: 'failed', problem: 'No answer.' };
    play.from(10, 60, sight());
    expect(play.drill).toMatchObject({
      phase: 'ending',
      problem: 'No answer.',
    });
    play.results = { kind: 'done' };
    play.look(60);
    expect(play.drill.phase).toBe('over');
    expect(play.drill.problem).toBeUndefined();
  });
});

it('asks each question of a kind once at a time, and in a time that there is', () => {
  for (const kind of drillCatalogue) {
    const asked = kind.expects.map(({ asks, during }) => `${asks} ${during}`);
    expect(new Set(asked).size).toBe(asked.length);
    for (const { during, within = 0 } of kind.expects) {
      const longest = during === 'fault' ? kind.duration : kind.recovery;
      expect(within).toBeLessThanOrEqual(longest);
    }
  }
});
