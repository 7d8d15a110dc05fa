// SPDX-License-Identifier: Apache-2.0
import { aDevice } from './__testUtils__/devices';
import { Stage } from './__testUtils__/Stage';
import type { WaveDevice } from './device';

/** Devices `p0 …`, each at a site of its own unless said otherwise. */
function pis(
  count: number,
  change: (index: number) => Partial<WaveDevice> = () => ({}),
): WaveDevice[] {
  return Array.from({ length: count }, (_, index) =>
    aDevice({ id: `p${index}`, site: `s${index}`, ...change(index) }),
  );
}

const jetson = aDevice({ id: 'j0', site: 'bench', hardware: 'jetson' });

describe('the rules of a wave', () => {
  it('1: orders only what is connected, free, fit and pulled; the rest waits, each with its reason', () => {
    const stage = new Stage([
      aDevice({ id: 'ready' }),
      aDevice({ id: 'away', connected: false, hardware: 'a' }),
      aDevice({ id: 'held', hold: 'device', hardware: 'b' }),
      aDevice({ id: 'hot', readings: { temperatureC: 90 }, hardware: 'c' }),
      aDevice({ id: 'bare', image: 'absent', hardware: 'd' }),
      aDevice({ id: 'busy', blocked: ['a customer is served'], hardware: 'e' }),
    ]);
    expect(stage.of('order')).toEqual([]);
    stage.see({ image: 'failed' }, 'bare');
    expect(stage.of('order')).toEqual(['ready']);
    expect(stage.sentence('away')).toMatch(/^It has been away for /);
    expect(stage.sentence('held')).toMatch(/^The device holds it/);
    expect(stage.sentence('hot')).toMatch(/it has 90 °C, limit 85 °C/);
    expect(stage.sentence('bare')).toMatch(/could not be pulled/);
    expect(stage.sentence('busy')).toMatch(/a customer is served/);
  });

  it('2: sends one canary of each class at once, to different sites', () => {
    const stage = new Stage([
      ...pis(6, index => ({ site: `s${index % 2}` })),
      ...pis(6, index => ({
        id: `j${index}`,
        hardware: 'jetson',
        site: `s${index % 2}`,
      })),
    ]);
    const first = stage.of('order').map(id => stage.device(id));
    expect(first.map(({ hardware }) => hardware).sort()).toEqual([
      'jetson',
      'pi',
    ]);
    expect(new Set(first.map(({ site }) => site)).size).toBe(2);
  });

  it('3: keeps no more than four unproven for each proven, and a slow one holds nobody up', () => {
    const stage = new Stage(pis(40));
    stage.live(30.5);
    expect(stage.in('proven')).toHaveLength(1);
    expect(stage.in('inFlight')).toHaveLength(4);
    const [slow] = stage.in('inFlight');
    stage.live(16, slow);
    expect(stage.in('proven')).toHaveLength(4);
    expect(stage.in('inFlight').length + stage.in('soaking').length).toBe(16);
  });

  it('4: proves by digest, health, soak and connection at its end', () => {
    const stage = new Stage(pis(1));
    stage.see({ running: 'new', health: 'unknown' }, 'p0');
    stage.pass(20);
    expect(stage.phase('p0')).toBe('inFlight');
    stage.see({ health: 'ok' }, 'p0');
    stage.pass(29.5);
    expect(stage.phase('p0')).toBe('soaking');
    stage.see({ connected: false }, 'p0');
    stage.pass(60);
    expect(stage.phase('p0')).toBe('soaking');
    stage.see({ connected: true }, 'p0');
    stage.pass(1);
    expect(stage.phase('p0')).toBe('proven');
  });

  it('5: watches for a day: a later failure is evidence and may stop the wave, one after that is not', () => {
    const stage = new Stage(pis(12));
    stage.live(240);
    expect(stage.in('proven')).toHaveLength(12);
    stage.pass(20 * 60);
    stage.see({ health: 'failed' }, 'p3', 'p4');
    expect(stage.state.stop?.kind).toBe('evidence');
    const late = new Stage(pis(12));
    late.live(240);
    late.pass(24 * 60);
    late.see({ health: 'failed' }, 'p3', 'p4');
    expect(late.state.stop).toBeUndefined();
    expect(late.of('failed')).toEqual([]);
  });

  it('6: counts in flight, rolling back and unhealthy against the budget of a site', () => {
    const stage = new Stage(
      [...pis(6), ...pis(7, index => ({ id: `q${index}`, site: 'shop' }))],
      { canaries: 13 },
    );
    const shop = (phase: string) =>
      stage.in(phase).filter(id => id.startsWith('q'));
    expect(shop('inFlight')).toHaveLength(1);
    const [one] = shop('inFlight');
    stage.see({ running: 'new' }, one);
    expect(shop('inFlight')).toHaveLength(1);
    const [other] = shop('inFlight');
    expect(other).not.toBe(one);
    stage.see({ running: 'new' }, other);
    const [third] = shop('inFlight');
    stage.see({ health: 'failed' }, one);
    stage.see({ running: 'new' }, third);
    expect(shop('takingBack')).toEqual([one]);
    expect(shop('inFlight')).toEqual([]);
    const waiting = shop('waiting')[0];
    stage.see({ hardware: 'other' }, waiting);
    expect(stage.sentence(waiting)).toMatch(/^Its site has no room/);
  });

  it('7: takes a failed device back at once, alone, with its reason, and does not try again', () => {
    const stage = new Stage(pis(40));
    stage.live(32);
    const [bad] = stage.in('soaking');
    const decisions = stage.see(
      { health: 'failed', trouble: 'its disk is full' },
      bad,
    );
    expect(decisions.filter(each => each.kind === 'takeBack')).toEqual([
      {
        kind: 'takeBack',
        device: bad,
        order: `wave/${bad}/2`,
        digest: 'old',
        because: 'It became unhealthy (its disk is full).',
      },
    ]);
    stage.live(600);
    expect(stage.phase(bad)).toBe('takenBack');
    expect(stage.of('takeBack')).toEqual([bad]);
    expect(stage.of('order').filter(id => id === bad)).toHaveLength(1);
    expect(stage.in('proven')).toHaveLength(39);
  });

  it('8: under suspicion waits for all that is unjudged, then confirms with one device elsewhere', () => {
    const stage = new Stage([...pis(8, i => ({ site: `s${i % 4}` })), jetson]);
    const [bad] = stage.in('inFlight').filter(id => id !== 'j0');
    stage.see({ running: 'new', health: 'failed' }, bad);
    stage.see({ running: 'new' }, 'j0');
    stage.live(20);
    expect(stage.of('order')).toHaveLength(2);
    const [waiting] = stage.in('waiting');
    expect(stage.sentence(waiting)).toMatch(/under suspicion; 1 .* first/);
    stage.live(11);
    expect(stage.phase('j0')).toBe('proven');
    const confirming = stage.of('order').slice(2);
    expect(confirming).toHaveLength(1);
    expect(stage.device(confirming[0]).site).not.toBe(stage.device(bad).site);
    stage.live(120);
    expect(stage.in('proven')).toHaveLength(8);
  });

  it('9: stops on the second failure among few, not on the first, and never for one in many', () => {
    const stage = new Stage(pis(40));
    stage.live(32);
    const [one, other] = stage.in('soaking');
    stage.see({ health: 'failed' }, one);
    expect(stage.state.stop).toBeUndefined();
    stage.see({ health: 'failed' }, other);
    expect(stage.state.stop?.reason).toMatch(/^2 devices failed, about/);
    expect(stage.log.filter(({ kind }) => kind === 'stop')).toHaveLength(1);
  });

  it('9: stops for one class when the whole wave would not', () => {
    const stage = new Stage(
      [
        ...pis(200),
        ...pis(8, i => ({ id: `j${i}`, hardware: 'jetson', site: `t${i}` })),
      ],
      { canaries: 200 },
    );
    stage.live(5);
    expect(stage.in('soaking')).toHaveLength(208);
    stage.see({ health: 'failed' }, 'p1', 'p2');
    expect(stage.state.stop).toBeUndefined();
    stage.see({ health: 'failed' }, 'j1', 'j2');
    expect(stage.state.stop?.reason).toMatch(/^2 devices of jetson failed/);
  });

  it('10: on a stop withdraws what is not carried out, takes back the unhealthy at once and the healthy as sites have room', () => {
    const stage = new Stage(
      pis(16, index => ({ site: index < 4 ? 'shop' : `s${index}` })),
      { canaries: 16 },
    );
    stage.live(6);
    const inShop = ['p0', 'p1', 'p2', 'p3'];
    expect(stage.in('soaking')).toEqual(expect.arrayContaining(inShop));
    stage.see({ connected: false }, 'p9');
    const decisions = stage.see({ health: 'failed' }, 'p10', 'p11');
    const back = decisions.flatMap(each =>
      each.kind === 'takeBack' ? [each.device] : [],
    );
    expect(back.filter(id => inShop.includes(id))).toHaveLength(1);
    expect(back).toEqual(expect.arrayContaining(['p10', 'p11', 'p12']));
    expect(back).not.toContain('p9');
    stage.live(5);
    expect(stage.in('takenBack')).toHaveLength(15);
    stage.see({ connected: true }, 'p9');
    expect(stage.phase('p9')).toBe('takingBack');
  });

  it('11: takes the order of a device that went away back after ten minutes, and its place is free', () => {
    const stage = new Stage(pis(5));
    const [away] = stage.in('inFlight');
    stage.see({ connected: false }, away);
    stage.pass(9.5);
    expect(stage.phase(away)).toBe('inFlight');
    stage.pass(0.5);
    expect(stage.of('withdraw')).toEqual([away]);
    expect(stage.in('inFlight')).toHaveLength(1);
    stage.see({ connected: true }, away);
    expect(stage.phase(away)).toBe('waiting');
  });

  it('12: lets a slow device go on without holding others up, except at its site', () => {
    const stage = new Stage(pis(4, index => ({ site: index < 2 ? 'a' : 'b' })));
    const [slow] = stage.in('inFlight');
    stage.pass(31);
    expect(stage.phase(slow)).toBe('inFlight');
    expect(stage.sentence(slow)).toMatch(/^It is slow/);
    const [next] = stage.in('inFlight').filter(id => id !== slow);
    expect(stage.device(next).site).not.toBe(stage.device(slow).site);
  });

  it('13: orders again what says "done" with the old digest, three times, and then gives up without a verdict', () => {
    const stage = new Stage(pis(1));
    for (let times = 1; times <= 4; times++) {
      const order = `wave/p0/${times}`;
      expect(stage.of('order')).toHaveLength(times);
      stage.see({ report: { order, outcome: 'succeeded' } }, 'p0');
    }
    expect(stage.phase('p0')).toBe('notProven');
    expect(stage.of('failed')).toEqual([]);
    expect(stage.of('order')).toHaveLength(4);
  });

  it('14: pulls ahead in plan order, so many at once, and interrupts nothing', () => {
    const stage = new Stage(pis(300, () => ({ image: 'absent' })));
    expect(stage.of('prePull')).toHaveLength(30);
    expect(stage.of('order')).toEqual([]);
    const planned = stage.state.devices.map(({ device }) => device.id);
    expect(stage.of('prePull')).toEqual(planned.slice(0, 30));
    stage.see({ image: 'present' }, ...planned.slice(0, 5));
    expect(stage.of('prePull')).toHaveLength(35);
    expect(stage.of('order')).toEqual([planned[0]]);
  });

  it('15: a device that returns joins at once, without another canary', () => {
    const stage = new Stage(
      pis(8, index => ({
        connected: index !== 5,
        image: index === 5 ? 'absent' : 'present',
      })),
    );
    stage.live(120);
    expect(stage.in('proven')).toHaveLength(7);
    stage.see({ connected: true }, 'p5');
    expect(stage.of('prePull')).toEqual(['p5']);
    stage.see({ image: 'present' }, 'p5');
    stage.live(16);
    expect(stage.phase('p5')).toBe('proven');
  });
});
