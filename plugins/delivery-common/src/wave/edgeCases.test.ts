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

describe('a device that is away', () => {
  it('when planned: is no candidate, keeps nobody waiting, and follows', () => {
    const stage = new Stage(pis(6, i => ({ connected: i !== 2 })));
    stage.live(120);
    expect(stage.in('proven')).toHaveLength(5);
    stage.see({ connected: true }, 'p2');
    expect(stage.phase('p2')).toBe('inFlight');
  });

  it('before the wave: says since when, also while the wave pauses', () => {
    const stage = new Stage(
      pis(6, i => (i === 2 ? { connected: false, awaySince: -300_000 } : {})),
    );
    const pause = { kind: 'pause', by: 'person', reason: 'A jam' } as const;
    stage.turn([], [pause]);
    const [waiting] = stage.in('waiting').filter(id => id !== 'p2');
    expect(stage.sentence('p2')).toMatch(/^It has been away for 5 min/);
    expect(stage.sentence(waiting)).toBe('The wave pauses: A jam.');
  });

  it('during the pull: frees its place, and is asked again when it is back', () => {
    const stage = new Stage(pis(21, () => ({ image: 'absent' })));
    expect(stage.of('prePull')).toHaveLength(20);
    const [first] = stage.of('prePull');
    stage.see({ connected: false }, first);
    expect(stage.of('prePull')).toHaveLength(21);
    stage.see({ image: 'present' }, ...stage.of('prePull').slice(1));
    stage.see({ connected: true }, first);
    expect(stage.of('prePull').filter(id => id === first)).toHaveLength(2);
  });

  it('during the switch: its late report is taken, and it soaks', () => {
    const stage = new Stage(pis(1));
    stage.see({ switching: true, running: undefined }, 'p0');
    stage.see({ connected: false }, 'p0');
    stage.pass(30);
    expect(stage.of('withdraw')).toEqual(['p0']);
    stage.see({ connected: true, switching: false, running: 'new' }, 'p0');
    expect(stage.phase('p0')).toBe('soaking');
    expect(stage.of('order')).toEqual(['p0']);
  });

  it('after the switch, before it was seen healthy: is judged when it is back', () => {
    const stage = new Stage(pis(1));
    stage.see({ running: 'new', health: 'unknown' }, 'p0');
    stage.see({ connected: false }, 'p0');
    stage.pass(30);
    stage.see({ connected: true, health: 'failed' }, 'p0');
    expect(stage.phase('p0')).toBe('takingBack');
  });

  it('during the soak: the others go on, and its proof waits for it', () => {
    const stage = new Stage(pis(8));
    stage.live(35);
    const [away] = stage.in('soaking');
    stage.see({ connected: false }, away);
    stage.live(300);
    expect(stage.in('proven')).toHaveLength(7);
    expect(stage.sentence(away)).toMatch(/proof needs .* It is away/);
    stage.see({ connected: true }, away);
    stage.pass(20);
    expect(stage.phase(away)).toBe('proven');
  });

  it('after the deadline: is left out by name, and the wave ends', () => {
    const stage = new Stage(
      pis(3, i => ({ connected: i > 0 })),
      { catchUpDeadline: 48 * 3_600_000 },
    );
    stage.live(48 * 60);
    expect(stage.sentence('p0')).toMatch(/^Left out at the deadline: It has/);
    expect(stage.state.finishedAt).toBeDefined();
    stage.see({ connected: true }, 'p0');
    expect(stage.of('order')).not.toContain('p0');
  });

  it('after a stop: never gets the release when it returns', () => {
    const stage = new Stage(pis(6), all);
    stage.see({ connected: false }, 'p5');
    stage.see({ running: 'new', health: 'failed' }, 'p0', 'p1');
    expect(stage.of('withdraw')).toContain('p5');
    stage.see({ connected: true }, 'p5');
    stage.live(60);
    expect(stage.device('p5').running).toBe('old');
    expect(stage.sentence('p5')).toMatch(/^The wave is over: 2 devices failed/);
  });

  it('while a newer release came: gets no order of the older one', () => {
    const stage = new Stage(pis(4, i => ({ connected: i !== 1 })));
    stage.turn([], [{ kind: 'supersede', reason: '2.0 follows.' }]);
    stage.see({ connected: true }, 'p1');
    expect(stage.of('order')).not.toContain('p1');
    stage.see({ running: 'newer' }, 'p1');
    expect(stage.of('takeBack')).toEqual([]);
  });
});

describe('an order that was withdrawn and carried out all the same', () => {
  it('is accepted and soaks', () => {
    const stage = new Stage(pis(2));
    const [one] = stage.in('inFlight');
    stage.see({ hold: 'operator' }, one);
    expect(stage.phase(one)).toBe('waiting');
    stage.see({ running: 'new' }, one);
    expect(stage.phase(one)).toBe('soaking');
  });

  it('is taken back after a stop', () => {
    const stage = new Stage(pis(4), all);
    stage.see({ running: 'new', health: 'failed' }, 'p0', 'p1');
    expect(stage.phase('p2')).toBe('waiting');
    stage.see({ running: 'new' }, 'p2');
    expect(stage.phase('p2')).toBe('takingBack');
  });

  it('keeps the budget of its site for ten minutes', () => {
    const stage = new Stage(pis(2, () => ({ site: 'shop' })));
    const [one] = stage.in('inFlight');
    stage.see({ hold: 'operator' }, one);
    stage.pass(9.5);
    expect(stage.in('inFlight')).toEqual([]);
    stage.pass(1);
    expect(stage.in('inFlight')).toHaveLength(1);
  });
});

describe('many devices at once', () => {
  const ids = Array.from({ length: 8 }, (_, index) => `p${index}`);

  it('a lost site frees its places, and gets its devices one after the other when it is back', () => {
    const stage = new Stage(
      pis(20, i => ({ site: i < 8 ? 'shop' : `s${i}` })),
      all,
    );
    expect(stage.in('inFlight').filter(id => ids.includes(id))).toHaveLength(2);
    stage.see({ connected: false }, ...ids);
    stage.live(60);
    expect(stage.in('proven')).toHaveLength(12);
    stage.see({ connected: true }, ...ids);
    expect(stage.in('inFlight')).toHaveLength(2);
  });

  it('two sites of one name keep the budget of each, and one site in several clusters that of the whole', () => {
    const two = new Stage(
      pis(8, i => ({
        site: 'shop',
        ...(i < 4
          ? { cluster: 'north' }
          : { cluster: 'south', hold: 'operator' }),
      })),
      all,
    );
    expect(two.in('inFlight')).toHaveLength(1);
    expect(two.sentence(two.in('waiting')[0])).toMatch(/^Its site has no room/);
    two.see({ hold: undefined }, 'p4', 'p5', 'p6', 'p7');
    expect(two.in('inFlight')).toHaveLength(2);
    const one = new Stage(
      pis(8, i => ({ site: 'shop', cluster: `shop-${i}` })),
      all,
    );
    expect(one.in('inFlight')).toHaveLength(2);
    const mixed = new Stage(
      pis(8, i => ({
        site: 'shop',
        ...(i < 4 ? {} : { cluster: 'south', hold: 'operator' }),
      })),
      all,
    );
    expect(mixed.in('inFlight')).toHaveLength(1);
  });

  it('many sites lost in a minute are one incident: nothing is ordered, nobody is failed', () => {
    const stage = new Stage(pis(20));
    stage.live(31);
    const [soaking] = stage.in('soaking');
    const lost = stage.in('waiting').slice(0, 6);
    stage.see({ connected: false }, ...lost);
    expect(stage.state.pauses.map(({ kind }) => kind)).toEqual(['incident']);
    stage.see({ health: 'failed' }, soaking);
    expect(stage.of('failed')).toEqual([]);
    stage.see({ health: 'ok' }, soaking);
    const before = stage.of('order').length;
    stage.live(9);
    expect(stage.of('order')).toHaveLength(before);
    const [kept] = stage.in('waiting').filter(id => !lost.includes(id));
    expect(stage.sentence(kept)).toMatch(/^The wave pauses: 6 devices of/);
    expect(stage.sentence(lost[0])).toMatch(/^It has been away for/);
    stage.see({ connected: true }, ...lost);
    stage.live(120);
    expect(stage.in('proven')).toHaveLength(20);
  });
});

describe('holds and preconditions', () => {
  it('held before, during and after ordering; released; never released', () => {
    const stage = new Stage(pis(3, i => (i === 0 ? { hold: 'device' } : {})));
    const [ordered] = stage.in('inFlight');
    stage.see({ hold: 'operator' }, ordered);
    expect(stage.of('withdraw')).toEqual([ordered]);
    stage.see({ hold: undefined }, ordered);
    stage.live(120);
    expect(stage.in('proven')).toHaveLength(2);
    stage.see({ hold: 'operator' }, ordered);
    expect(stage.phase(ordered)).toBe('proven');
    expect(stage.sentence('p0')).toMatch(/^The device holds it/);
  });

  it('one that turns hot before it switches loses its order; while it switches it is let be', () => {
    const hot = { readings: { temperatureC: 95 } };
    const stage = new Stage(pis(2), all);
    stage.see({ switching: true, ...hot }, 'p1');
    stage.see(hot, 'p0');
    expect(stage.of('withdraw')).toEqual(['p0']);
    expect(stage.phase('p1')).toBe('inFlight');
    stage.pass(11);
    expect(stage.sentence('p0')).toMatch(/it has 95 °C/);
  });

  it('says why an image does not come until it is asked for again', () => {
    const stage = new Stage(pis(1, () => ({ image: 'absent' })));
    expect(stage.sentence('p0')).toBe('Its image is not there yet.');
    stage.see({ image: 'failed', imageTrouble: 'no such tag' }, 'p0');
    stage.see({ image: 'absent', imageTrouble: undefined }, 'p0');
    expect(stage.sentence('p0')).toBe(
      'Its image could not be pulled (no such tag); it is asked again later.',
    );
    stage.pass(61);
    expect(stage.sentence('p0')).toBe('Its image is not there yet.');
  });

  it('an image that was pulled counts as there when its node no longer tells of it', () => {
    const stage = new Stage(pis(2, () => ({ image: 'absent' })));
    stage.see({ image: 'present' }, 'p0', 'p1');
    stage.see({ connected: false, image: 'absent' }, 'p1');
    stage.see({ connected: true, image: 'absent' }, 'p0', 'p1');
    stage.live(120);
    expect(stage.in('proven')).toHaveLength(2);
    expect(stage.of('prePull')).toHaveLength(2);
  });

  it('a pull that failed is asked again when the disk is free, and not in a loop', () => {
    const stage = new Stage(pis(1, () => ({ image: 'absent' })));
    stage.see({ image: 'failed' }, 'p0');
    stage.pass(30);
    expect(stage.of('prePull')).toHaveLength(1);
    stage.see({ readings: { freeDiskBytes: 1, imageBytes: 10 } }, 'p0');
    stage.see({ readings: { freeDiskBytes: 100, imageBytes: 10 } }, 'p0');
    expect(stage.of('prePull')).toHaveLength(2);
    stage.see({ image: 'failed' }, 'p0');
    stage.pass(61);
    expect(stage.of('prePull')).toHaveLength(3);
  });

  it.each([
    ['pi', 'pi'],
    ['constructor', '*'],
  ])('asks a %s for readings that must be there', (hardware, named) => {
    const stage = new Stage(
      pis(1, () => ({ hardware })),
      {
        preconditions: {
          [named]: { maxTemperatureC: 80, readingsRequired: true },
        },
      },
    );
    expect(stage.sentence('p0')).toBe(
      'It cannot be changed now: it does not report its temperature.',
    );
  });
});

describe('hardware classes', () => {
  it('all canaries away: takes the next best; a class without candidates does not hold up others', () => {
    const stage = new Stage([
      ...pis(4),
      ...pis(3, i => ({ id: `j${i}`, hardware: 'jetson', connected: false })),
    ]);
    const [canary] = stage.in('inFlight');
    stage.see({ connected: false }, canary);
    stage.pass(10);
    expect(stage.in('inFlight')).toHaveLength(1);
    expect(stage.in('inFlight')).not.toContain(canary);
    stage.live(120);
    expect(stage.in('proven')).toHaveLength(3);
    stage.see({ connected: true }, 'j0', 'j1', 'j2');
    expect(stage.in('inFlight')).toHaveLength(1);
  });

  it('one device alone in its class: its failure closes the class and asks a person', () => {
    const stage = new Stage([
      ...pis(4),
      aDevice({ id: 'j', hardware: 'jetson' }),
    ]);
    stage.see({ running: 'new', health: 'failed' }, 'j');
    expect(stage.log).toContainEqual(
      expect.objectContaining({
        kind: 'askPerson',
        question: 'cannotConfirm:jetson',
      }),
    );
    stage.live(180);
    expect(stage.in('proven')).toHaveLength(4);
    stage.devices.set(
      'j2',
      aDevice({ id: 'j2', hardware: 'jetson', site: 'x' }),
    );
    stage.turn(['j2']);
    expect(stage.sentence('j2')).toMatch(/^It waits for an answer: The only/);
    const question = 'cannotConfirm:jetson';
    stage.turn([], [{ kind: 'answer', question, answer: 'yes' }]);
    expect(stage.phase('j2')).toBe('inFlight');
  });

  it('one device alone at its site, or alone there for good, still gets its turn', () => {
    const stage = new Stage(
      pis(4, i => ({ site: 'shop', connected: i === 3 })),
    );
    expect(stage.in('inFlight')).toEqual(['p3']);
  });

  it('a device known to be faulty is no canary while there is another', () => {
    for (const faulty of ['p0', 'p1', 'p2']) {
      const stage = new Stage(
        pis(3, i => (`p${i}` === faulty ? { notAsCanary: 'It failed.' } : {})),
      );
      expect(stage.of('order')).not.toContain(faulty);
    }
  });

  it('a failed device that stays unhealthy with the version before is shown as faulty itself', () => {
    const stage = new Stage(pis(4));
    const [bad] = stage.in('inFlight');
    stage.see({ running: 'new', health: 'failed' }, bad);
    stage.see({ running: 'old' }, bad);
    expect(stage.sentence(bad)).toMatch(/unhealthy with the version before/);
  });

  it('a release that cuts devices off asks a person instead of taking one after the other', () => {
    const stage = new Stage(pis(10));
    for (let lost = 0; lost < 5; lost++) {
      stage.see({ connected: false }, ...stage.in('inFlight'));
      stage.pass(11);
    }
    expect(stage.of('order')).toHaveLength(3);
    expect(stage.state.questions['vanishing:pi']?.sentence).toMatch(/^3 of 3/);
  });
});

describe('reports', () => {
  it('late, twice, of an older order or out of order: only the running digest counts', () => {
    const stage = new Stage(pis(1));
    const old = { order: 'wave/p0/0', outcome: 'failed' } as const;
    stage.see({ report: old }, 'p0');
    stage.see({ report: { order: 'other/p0/1', outcome: 'succeeded' } }, 'p0');
    expect(stage.phase('p0')).toBe('inFlight');
    const report = { order: 'wave/p0/1', outcome: 'succeeded' } as const;
    stage.see({ report }, 'p0');
    stage.see({ report }, 'p0');
    expect(stage.of('order')).toHaveLength(2);
    stage.see({ running: 'new' }, 'p0');
    stage.see({ report }, 'p0');
    expect(stage.phase('p0')).toBe('soaking');
  });

  it('a failure that the device tells is one, and a device that goes back by itself failed', () => {
    const stage = new Stage(pis(4), all);
    const report = { order: 'wave/p0/1', outcome: 'failed', reason: 'No GPU.' };
    stage.see({ report } as Partial<WaveDevice>, 'p0');
    expect(stage.sentence('p0')).toMatch(/No GPU/);
    stage.see({ running: 'new' }, 'p1');
    stage.see({ running: 'old' }, 'p1');
    expect(stage.of('failed')).toEqual(['p0', 'p1']);
  });
});

describe('devices that are unhealthy before', () => {
  it('are no canary and no evidence, and follow after proof', () => {
    const stage = new Stage(pis(5, i => (i < 2 ? { health: 'failed' } : {})));
    stage.live(30);
    expect(stage.sentence('p0')).toMatch(/comes after proof on others/);
    stage.live(30, 'p0', 'p1');
    expect([...stage.in('inFlight')].sort()).toEqual(['p0', 'p1']);
    stage.see({ running: 'new' }, 'p0', 'p1');
    expect([...stage.of('failed')].sort()).toEqual(['p0', 'p1']);
    expect(stage.state.stop).toBeUndefined();
  });

  it('follow under suspicion too, once others were proven since, so that their sites are not held up for ever', () => {
    const stage = new Stage([
      ...pis(30),
      ...['ill', 'near'].map(id =>
        aDevice({ id, site: 'shop', health: id === 'ill' ? 'failed' : 'ok' }),
      ),
    ]);
    stage.live(32);
    const [bad] = stage.in('soaking');
    stage.see({ health: 'failed' }, bad);
    expect(stage.sentence('ill')).toMatch(/comes after proof on others/);
    expect(stage.sentence('near')).toMatch(/no room/);
    stage.live(180);
    expect(stage.phase('ill')).toBe('proven');
    expect(stage.phase('near')).toBe('proven');
  });
});

describe('rolling back', () => {
  it('a device that goes away meanwhile, or is hot, gets there in the end and uses the budget while it can', () => {
    const stage = new Stage(pis(4, () => ({ site: 'shop' })));
    const [bad] = stage.in('inFlight');
    const readings = { temperatureC: 99 };
    stage.see({ running: 'new', health: 'failed', readings }, bad);
    expect(stage.phase(bad)).toBe('takingBack');
    expect(stage.in('inFlight')).toEqual([]);
    stage.see({ connected: false }, bad);
    stage.pass(10);
    expect(stage.in('inFlight')).toHaveLength(1);
    stage.see({ connected: true, running: 'old', health: 'ok' }, bad);
    expect(stage.phase(bad)).toBe('takenBack');
  });
});
