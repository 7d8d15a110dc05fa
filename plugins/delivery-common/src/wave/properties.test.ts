// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { ours } from '../../bench/wave/ours';
import { simulate } from '../../bench/wave/Simulation';
import { aDevice, anyDevices, anyPolicy } from './__testUtils__/devices';
import { decideWave } from './decideWave';
import type { WaveCommand, WaveDecision } from './decision';
import type { WaveDevice } from './device';
import { explainWave } from './explain';
import type { WavePolicy } from './policy';
import { siteBudget } from './siteBudget';
import { startWave, type WaveState } from './state';

const minute = 60_000;

/** Something that happens to one device, or to the wave, with the minutes until then. */
interface Happening {
  readonly minutes: number;
  readonly who: number;
  readonly change: Partial<WaveDevice> | 'comes' | 'goes';
  readonly command: WaveCommand | undefined;
}

/** Devices do as they are told, or not at all, or something else: the world need not make sense. */
const anyHappenings = fc.array(
  fc.record<Happening>({
    minutes: fc.constantFrom(0, 0.5, 3, 11, 31, 600),
    who: fc.nat(39),
    change: fc.constantFrom<Happening['change']>(
      { running: 'new', health: 'ok' },
      { running: 'new', health: 'ok' },
      { running: 'new', health: 'unknown' },
      { running: 'old', health: 'ok' },
      { running: 'other' },
      { health: 'failed' },
      { health: 'ok' },
      { connected: false },
      { connected: true },
      { connected: true },
      { hold: 'operator' },
      { hold: undefined },
      { switching: true },
      { switching: false },
      { readings: { temperatureC: 99 } },
      { readings: { temperatureC: 20 } },
      { image: 'absent' },
      { image: 'present' },
      { site: 'a' },
      { hardware: 'pi' },
      'comes',
      'goes',
    ),
    command: fc.oneof(
      { weight: 20, arbitrary: fc.constant(undefined) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<WaveCommand>(
          { kind: 'pause', by: 'person', reason: 'Wait.' },
          { kind: 'resume', by: 'person' },
          { kind: 'stop', reason: 'Enough.', takeBack: false },
        ),
      },
    ),
  }),
  { minLength: 20, maxLength: 60 },
);

interface Step {
  readonly state: WaveState;
  readonly decisions: readonly WaveDecision[];
  readonly before: WaveState;
  readonly fleet: ReadonlyMap<string, WaveDevice>;
}

/** Lets all that happen, and tells each step of it. */
function play(
  devices: readonly WaveDevice[],
  policy: WavePolicy,
  happenings: readonly Happening[],
  store: (state: WaveState) => WaveState = state => state,
): Step[] {
  const fleet = new Map(devices.map(each => [each.id, each]));
  const ids = [...fleet.keys()];
  let now = 0;
  let state = startWave({ id: 'w', target: 'new', policy }, devices, now);
  return happenings.map(({ minutes, who, change, command }, index) => {
    now += minutes * minute;
    const id = change === 'comes' ? `new${index}` : ids[who % ids.length];
    const device = fleet.get(id) ?? aDevice({ id });
    if (typeof change === 'object') fleet.set(id, { ...device, ...change, id });
    else if (change === 'comes') fleet.set(id, device);
    else fleet.delete(id);
    const seen = fleet.get(id);
    const before = store(state);
    const result = decideWave(
      before,
      {
        devices: seen && id !== undefined ? [seen] : [],
        removed: change === 'goes' && id !== undefined ? [id] : [],
        commands: command ? [command] : [],
      },
      now,
    );
    state = result.state;
    return { ...result, before, fleet: new Map(fleet) };
  });
}

const worlds = fc.tuple(
  anyDevices().filter(devices => devices.length > 0),
  anyPolicy(),
  anyHappenings,
);

describe('a wave, whatever happens', () => {
  it('orders nothing that is away, held, unfit or gone, nothing after its end, and no order twice', () =>
    fc.assert(
      fc.property(worlds, world => {
        const names = new Set<string>();
        for (const { state, decisions, fleet } of play(...world))
          for (const decision of decisions) {
            if (decision.kind !== 'order' && decision.kind !== 'takeBack')
              continue;
            expect(names).not.toContain(decision.order);
            names.add(decision.order);
            const device = fleet.get(decision.device);
            expect(device).toMatchObject({ connected: true });
            expect(device?.hold).toBeUndefined();
            const isForward = decision.kind === 'order';
            expect(isForward && state.stop !== undefined).toBe(false);
            const heat = device?.readings?.temperatureC ?? 0;
            expect(isForward && heat > 85).toBe(false);
          }
      }),
    ));

  it('brings no site and not the whole above the budget by what it orders', () =>
    fc.assert(
      fc.property(worlds, world => {
        const [, policy] = world;
        for (const { state, decisions } of play(...world)) {
          const ordered = new Set(
            decisions.flatMap(each =>
              each.kind === 'order' ? [each.device] : [],
            ),
          );
          const sites = new Map<
            string,
            { total: number; down: number; started: boolean }
          >();
          let down = 0;
          for (const { device, progress, gone } of state.devices) {
            if (gone !== undefined || progress.phase === 'excluded') continue;
            const isDown =
              progress.phase === 'inFlight' ||
              (device.connected &&
                (device.health === 'failed' || device.switching === true));
            if (isDown) down++;
            // Whether it is one place in two clusters or two of the same name.
            for (const key of [
              device.site,
              `${device.site} of ${device.cluster}`,
            ]) {
              const site = sites.get(key) ?? {
                total: 0,
                down: 0,
                started: false,
              };
              sites.set(key, site);
              site.total++;
              if (isDown) site.down++;
              if (ordered.has(device.id)) site.started = true;
            }
          }
          // An unhealthy device may be ordered in its own place.
          for (const { total, down: busy, started } of sites.values())
            expect(
              !started || busy <= siteBudget(total, policy.siteShare),
            ).toBe(true);
          expect(
            ordered.size === 0 || down <= (policy.maxDown ?? Infinity),
          ).toBe(true);
        }
      }),
    ));

  it('has each device exactly once, with a sentence', () =>
    fc.assert(
      fc.property(worlds, world => {
        const steps = play(...world);
        const { state, fleet } = steps[steps.length - 1];
        // A wave that is finished takes nobody in.
        fc.pre(state.finishedAt === undefined);
        const views = explainWave(state, state.startedAt + 1e9);
        const ids = views.map(({ device }) => device);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids).toEqual(expect.arrayContaining([...fleet.keys()]));
        for (const { sentence } of views)
          expect(sentence).toMatch(/^[A-Z0-9].*[.?]$/);
      }),
    ));

  it('decides the same after a restart at any step, and changes no state that it was given', () =>
    fc.assert(
      fc.property(worlds, world => {
        const straight = play(...world);
        const restarted = play(...world, state =>
          JSON.parse(JSON.stringify(state)),
        );
        straight.forEach(({ decisions, before }, index) => {
          expect(restarted[index].decisions).toEqual(decisions);
          expect(JSON.parse(JSON.stringify(before))).toEqual(
            restarted[index].before,
          );
        });
      }),
      { numRuns: 50 },
    ));
});

describe('a wave over a fleet that does as it is told', () => {
  it('finishes, with every device that could be reached', () =>
    fc.assert(
      fc.property(anyDevices(), anyPolicy(), (devices, policy) => {
        let state = startWave({ id: 'w', target: 'new', policy }, devices, 0);
        let changed: WaveDevice[] = [];
        for (let now = 0; state.finishedAt === undefined; now += 5 * minute) {
          expect(now).toBeLessThan(policy.catchUpDeadline + policy.watch + 1);
          const result = decideWave(state, { devices: changed }, now);
          state = result.state;
          changed = state.devices.flatMap(({ device, progress }) => {
            const wanted = progress.phase === 'inFlight' ? 'new' : 'old';
            const isBusy =
              progress.phase === 'inFlight' || progress.phase === 'takingBack';
            return isBusy && device.running !== wanted
              ? [{ ...device, running: wanted, health: 'ok' as const }]
              : [];
          });
        }
        for (const { device, progress } of state.devices)
          expect(['proven', 'excluded']).toContain(
            device.hold || !device.connected ? 'excluded' : progress.phase,
          );
      }),
      { numRuns: 10 },
    ));

  it('reaches its figures on a simulated fleet, the same after restarts', () => {
    const log: WaveDecision[] = [];
    const again: WaveDecision[] = [];
    const figures = simulate(7, 60, 'good', ours({}, { log }));
    simulate(7, 60, 'good', ours({}, { log: again, restarts: true }));
    expect(again).toEqual(log);
    expect(figures).toMatchObject({
      gaveUp: false,
      sitesOverBudget: 0,
      wronglyGreen: 0,
      wrongOrders: 0,
    });
    expect(figures.t95).toBeLessThan(2);
    expect(simulate(7, 60, 'crash', ours()).broken).toBeLessThanOrEqual(3);
    expect(simulate(7, 60, 'soak', ours()).broken).toBeLessThanOrEqual(3);
  });
});
