// SPDX-License-Identifier: Apache-2.0
import { aDevice } from './__testUtils__/devices';
import { Stage } from './__testUtils__/Stage';
import type { WaveDevice } from './device';

const all = { canaries: 100 };

function pis(
  count: number,
  change: (index: number) => Partial<WaveDevice> = () => ({}),
): WaveDevice[] {
  return Array.from({ length: count }, (_, index) =>
    aDevice({ id: `p${index}`, site: `s${index}`, ...change(index) }),
  );
}

describe('a fleet that changes', () => {
  it('new, removed and returned devices, and new labels', () => {
    const stage = new Stage(pis(3));
    const [first] = stage.in('inFlight');
    stage.see({ running: 'new' }, first);
    stage.turn([], [], [first]);
    expect(stage.sentence(first)).toMatch(/^It runs the release/);
    stage.devices.set('late', aDevice({ id: 'late', site: 'x' }));
    stage.turn(['late']);
    const next = stage.in('inFlight')[0] ?? 'late';
    stage.see({ site: 'moved', labels: { floor: '2' } }, next);
    stage.live(120);
    expect(stage.in('proven')).toHaveLength(3);
    stage.see({}, first);
    stage.pass(31);
    expect(stage.in('proven')).toHaveLength(4);
  });

  it('a failure stays evidence against its hardware when the device gets another label or leaves', () => {
    const stage = new Stage(pis(6), all);
    stage.see({ running: 'new', health: 'failed' }, 'p0');
    stage.see({ hardware: 'other' }, 'p0');
    stage.turn([], [], ['p0']);
    stage.see({ running: 'new', health: 'failed' }, 'p1');
    expect(stage.state.stop?.kind).toBe('evidence');
  });

  it('a new policy holds for what starts later, and a wrong one is refused', () => {
    const stage = new Stage(pis(9));
    const { policy } = stage.state;
    const change = (part: Partial<typeof policy>) =>
      stage.turn(
        [],
        [{ kind: 'changePolicy', policy: { ...policy, ...part } }],
      );
    change({ firstSoak: 1, soak: 60_000, growth: 1 });
    stage.live(30);
    expect(stage.in('proven')).toEqual([]);
    stage.live(1);
    expect(stage.of('order')).toHaveLength(2);
    expect(change({ growth: -1 })).toEqual([
      {
        kind: 'policy',
        because: 'The policy stays: growth must be more than 0.',
      },
    ]);
  });
});

describe('the course of a wave', () => {
  it('at night: a soak that nobody watches proves nothing', () => {
    const stage = new Stage(pis(1));
    stage.see({ running: 'new' }, 'p0');
    stage.pass(10);
    stage.see({ connected: false }, 'p0');
    stage.pass(12 * 60);
    stage.see({ connected: true }, 'p0');
    stage.pass(19);
    expect(stage.phase('p0')).toBe('soaking');
    stage.pass(1.5);
    expect(stage.phase('p0')).toBe('proven');
  });

  it('an empty wave is finished at once', () => {
    expect(new Stage([]).state.finishedAt).toBe(0);
  });

  it.each([0, 1])('a share of %d per site orders one at least', siteShare => {
    const stage = new Stage(
      pis(2, () => ({ site: 'shop' })),
      {
        ...all,
        siteShare,
      },
    );
    expect(stage.in('inFlight')).toHaveLength(siteShare === 0 ? 1 : 2);
  });

  it('paused by a person and by a freeze: orders nothing until both are gone, and goes on judging', () => {
    const stage = new Stage(pis(8));
    stage.turn(
      [],
      [
        { kind: 'pause', by: 'person', reason: 'Lunch.' },
        { kind: 'pause', by: 'freeze', reason: 'The weekend.' },
      ],
    );
    stage.live(60);
    expect(stage.in('proven')).toHaveLength(1);
    stage.turn([], [{ kind: 'resume', by: 'person' }]);
    expect(stage.of('order')).toHaveLength(1);
    expect(stage.sentence(stage.in('waiting')[0])).toBe(
      'The wave pauses: The weekend.',
    );
    stage.turn([], [{ kind: 'resume', by: 'freeze' }]);
    expect(stage.of('order')).toHaveLength(5);
  });

  it('stopped by a person: what is carried out soaks and is watched, and evidence may still take it back', () => {
    const stage = new Stage(pis(12), all);
    stage.live(5);
    stage.turn([], [{ kind: 'stop', reason: 'Enough.', takeBack: false }]);
    stage.live(60);
    expect(stage.in('proven')).toHaveLength(12);
    stage.see({ health: 'failed' }, 'p1', 'p2');
    expect(stage.state.stop?.kind).toBe('evidence');
    stage.live(30);
    expect(stage.in('takenBack')).toHaveLength(12);
    expect(stage.state.finishedAt).toBeDefined();
  });

  it('rings: the next begins when nine in ten are proven of those that can be reached, or a person says so', () => {
    const stage = new Stage(
      pis(9, i => ({ labels: { ring: i < 3 ? 'a' : 'b' }, connected: i > 0 })),
      {
        mode: {
          kind: 'rings',
          provenShare: 0.9,
          rings: [
            { name: 'A', labels: { ring: 'a' } },
            { name: 'B', labels: { ring: 'b' }, approval: true },
          ],
        },
      },
    );
    stage.live(31);
    expect(stage.sentence('p5')).toBe('Its ring begins after A.');
    stage.live(60);
    expect([...stage.in('proven')].sort()).toEqual(['p1', 'p2']);
    expect(stage.state.questions['ring:1']?.sentence).toBe(
      'Shall the ring B begin?',
    );
    stage.turn([], [{ kind: 'answer', question: 'ring:1', answer: 'yes' }]);
    stage.live(120);
    expect(stage.in('proven')).toHaveLength(8);
  });

  it('one at a time: never two unproven', () => {
    const stage = new Stage(pis(5), { mode: { kind: 'oneAtATime' } });
    let most = 0;
    for (let step = 0; step < 300; step++) {
      stage.live(0.5);
      most = Math.max(
        most,
        stage.in('inFlight').length + stage.in('soaking').length,
      );
    }
    expect(most).toBe(1);
    expect(stage.in('proven')).toHaveLength(5);
  });

  it('approval after the canaries: grows when a person says yes', () => {
    const stage = new Stage(pis(5), { approveAfterCanaries: true });
    stage.live(120);
    expect(stage.in('proven')).toHaveLength(1);
    stage.turn([], [{ kind: 'answer', question: 'canaries', answer: 'yes' }]);
    stage.live(120);
    expect(stage.in('proven')).toHaveLength(5);
  });
});
