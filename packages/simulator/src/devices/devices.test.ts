// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { DeviceWorld } from './DeviceWorld';
import { effectKinds, EffectRequest } from './effects';
import { hardware } from './hardware';
import { planFleet } from './planFleet';
import { throttledBitsOf } from './throttledBits';

const began = Date.parse('2026-07-01T13:00:00Z');
const minute = 60_000;

const fleet = planFleet();

/** A world whose clock is turned by hand. */
function aWorld(plan = fleet) {
  let now = began;
  const world = new DeviceWorld({ plan, clock: () => new Date(now) });
  const device = (name: string) => {
    const found = plan.deviceNamed(name);
    if (!found) throw new Error(`no ${name}`);
    return found;
  };
  return {
    world,
    device,
    advance(milliseconds: number) {
      now += milliseconds;
    },
    telemetry: (name: string) => world.telemetryAt(device(name), new Date(now)),
    state: (name: string) => world.stateAt(device(name), new Date(now)),
  };
}

describe('planFleet', () => {
  it('puts up the 60 devices of the demo at 16 sites, and three in the laboratory', () => {
    const plan = planFleet();
    expect(plan.devicesOf('edge-production')).toHaveLength(60);
    expect(plan.devicesOf('edge-staging').map(({ name }) => name)).toEqual([
      'lab-jetson-01',
      'lab-pi-01',
      'lab-pi-02',
    ]);
    for (const site of ['venlo', 'dublin', 'brno']) {
      expect(plan.deviceNamed(`${site}-jetson-01`)).toBeDefined();
      expect(plan.deviceNamed(`${site}-pi-01`)).toBeDefined();
    }
    expect(plan.sites.find(({ name }) => name === 'oslo')).toMatchObject({
      country: 'NO',
      latitude: 59.91,
      longitude: 10.75,
      cluster: 'edge-production',
    });
  });

  it('gives every size its devices, each with its own name, in the cluster of its site', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 2_000 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer(),
        (sites, devices, clusters, seed) => {
          fc.pre(clusters <= sites);
          const options = { sites, devices, clusters, seed };
          const plan = planFleet(options);
          expect(planFleet(options).devices).toEqual(plan.devices);
          const names = new Set(plan.devices.map(({ name }) => name));
          expect(names.size).toBe(devices + 3);
          expect(
            plan.clusters.flatMap(name => plan.devicesOf(name)),
          ).toHaveLength(devices);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('plans a hundred thousand', () => {
    const plan = planFleet({ devices: 100_000, clusters: 200 });
    expect(plan.sites).toHaveLength(2_001);
    expect(new Set(plan.devices.map(({ name }) => name)).size).toBe(100_003);
  });

  it.each([
    { devices: 0 },
    { devices: 1.5 },
    { sites: -1 },
    { sites: 2, clusters: 3 },
    { devices: 10_000_000 },
  ])('refuses %j', options => {
    expect(() => planFleet(options)).toThrow(/must be a whole number from/);
  });
});

const someDevice = () => fc.constantFrom(...fleet.devices);

describe('the devices', () => {
  it('do the same for the same seed, time and effects, in whatever order they are asked', () => {
    const times = fc.array(fc.integer({ min: -1_440, max: 120 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        someDevice(),
        times,
        fc.constantFrom(...effectKinds),
        ({ name }, minutes, kind) => {
          const [one, other] = [aWorld(), aWorld()];
          for (const { world, advance } of [one, other]) {
            const { end } = world.effects.begin({
              kind,
              devices: [name],
            } as EffectRequest);
            advance(30 * minute);
            end();
          }
          const at = (offset: number) => new Date(began + offset * minute);
          const read = ({ world, device }: typeof one, offset: number) =>
            world.telemetryAt(device(name), at(offset));
          const forwards = minutes.map(offset => read(one, offset));
          const backwards = [...minutes]
            .reverse()
            .map(offset => read(other, offset));
          expect(forwards).toEqual(backwards.reverse());
        },
      ),
      { numRuns: 25 },
    );
  });

  it('never rewrite their past when something is done to them', () => {
    fc.assert(
      fc.property(
        someDevice(),
        fc.constantFrom(...effectKinds),
        fc.integer({ min: 1, max: 100_000 }),
        (device, kind, before) => {
          const { world } = aWorld();
          const past = new Date(began - before * 100);
          const known = world.telemetryAt(device, past);
          world.effects.begin({
            kind,
            devices: [device.name],
          } as EffectRequest);
          expect(world.telemetryAt(device, past)).toEqual(known);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('measure what is possible', () => {
    fc.assert(
      fc.property(
        someDevice(),
        fc.integer({ min: 0, max: 10_000_000 }),
        (device, before) => {
          const { world } = aWorld();
          const at = new Date(began - before * 1_000);
          const telemetry = world.telemetryAt(device, at);
          const { power, temperature, memory, storage } = telemetry;
          expect(telemetry.cpuLoad).toBeGreaterThan(0);
          expect(telemetry.cpuLoad).toBeLessThan(1);
          expect(power.total).toBeGreaterThan(2);
          expect(power.total).toBeLessThan(26);
          expect(temperature.cpu).toBeGreaterThan(25);
          expect(temperature.cpu).toBeLessThan(95);
          expect(memory.used).toBeLessThan(memory.total * 0.95);
          expect(storage.used).toBeLessThan(storage.total * 0.9);
          expect(telemetry.connected).toBe(true);
          expect(telemetry.bootedAt).toBeLessThanOrEqual(at.getTime());
        },
      ),
      { numRuns: 50 },
    );
  });

  it('work no less as time goes on', () => {
    fc.assert(
      fc.property(
        someDevice(),
        fc.integer({ min: 0, max: 86_400 }),
        fc.integer({ min: 1, max: 86_400 }),
        (device, from, length) => {
          const { world, advance } = aWorld();
          advance(3_600_000);
          const { end } = world.effects.begin({
            kind: 'load',
            devices: [device.name],
            parameters: { cpu: 0 },
          });
          advance(3_600_000);
          end();
          const [first, second] = [from, from + length].map(seconds =>
            world.processorWorkAt(device, new Date(began + seconds * 1_000)),
          );
          expect(second).toBeGreaterThanOrEqual(first);
          expect(second - first).toBeLessThanOrEqual(length * 1_000);
        },
      ),
    );
  });
});

describe('what is done to devices', () => {
  const jetson = 'milan-jetson-01';
  const pi = 'porto-pi-01';
  const begin = (
    { world }: ReturnType<typeof aWorld>,
    request: EffectRequest,
  ) => world.effects.begin(request);

  it('heats them until they throttle, with a gap between hot and cool again', () => {
    const turned = aWorld();
    const { end } = begin(turned, { kind: 'heat', devices: [jetson] });
    turned.advance(15 * minute);
    const hot = turned.telemetry(jetson);
    const limit = hardware['jetson-orin-nx'].thermalLimits[0];
    expect(hot.throttled).toEqual({ now: true, sinceBoot: true });
    expect(hot.clockRate).toBeLessThan(hardware['jetson-orin-nx'].clockRate);
    end();
    // It goes on for as long as it is warmer than where the limit ends.
    let warmest = -Infinity;
    while (turned.telemetry(jetson).throttled.now) turned.advance(15_000);
    warmest = turned.telemetry(jetson).temperature.gpu ?? 0;
    expect(warmest).toBeLessThan(limit.endsBelow);
    turned.advance(30 * minute);
    const cool = turned.telemetry(jetson);
    expect(cool.throttled).toEqual({ now: false, sinceBoot: true });
    expect(cool.temperature.gpu).toBeLessThan(70);
    begin(turned, { kind: 'reboot', devices: [jetson] });
    turned.advance(2 * minute);
    expect(turned.telemetry(jetson).throttled.sinceBoot).toBe(false);
  });

  it('starves a Raspberry Pi, which remembers it until it boots', () => {
    const turned = aWorld();
    const { end } = begin(turned, {
      kind: 'undervoltage',
      devices: [pi, jetson],
    });
    turned.advance(minute);
    expect(throttledBitsOf(turned.telemetry(pi))).toBe(0x50005);
    expect(turned.telemetry(jetson).undervoltage.now).toBe(false);
    end();
    expect(throttledBitsOf(turned.telemetry(pi))).toBe(0x50000);
    begin(turned, { kind: 'reboot', devices: [pi] });
    turned.advance(minute);
    expect(throttledBitsOf(turned.telemetry(pi))).toBe(0);
  });

  it.each<[string, EffectRequest, object, object]>([
    [
      'the network away',
      { kind: 'offline', devices: [jetson] },
      { connected: false, running: true },
      { connected: true, running: true },
    ],
    [
      'all packets lost',
      { kind: 'packetLoss', devices: [jetson], parameters: { share: 1 } },
      { connected: false },
      { connected: true },
    ],
    [
      'no power',
      { kind: 'powerOff', devices: [jetson] },
      { connected: false, running: false, cpuLoad: 0 },
      { connected: false, running: false },
    ],
    [
      'a full storage',
      { kind: 'storageFull', devices: [jetson] },
      { storagePressure: true },
      { storagePressure: false },
    ],
    [
      'little memory left',
      { kind: 'memoryPressure', devices: [jetson] },
      { memoryPressure: true },
      { memoryPressure: false },
    ],
    [
      'no GPU',
      { kind: 'gpuLost', devices: [jetson] },
      { graphicsProcessors: 0, gpuLoad: undefined },
      { graphicsProcessors: 1 },
    ],
    [
      'more work',
      { kind: 'load', devices: [jetson], parameters: { cpu: 1, gpu: 0.9 } },
      { cpuLoad: 1, gpuLoad: 0.9 },
      { running: true },
    ],
  ])('gives them %s while it lasts', (_, request, during, after) => {
    const turned = aWorld();
    const { end } = begin(turned, request);
    turned.advance(minute);
    expect(turned.telemetry(jetson)).toMatchObject(during);
    end();
    expect(turned.telemetry(jetson)).toMatchObject(after);
  });

  it('keeps them off for as long as there is no power and they boot', () => {
    const turned = aWorld();
    const before = turned.state(jetson).bootedAt;
    const { end } = begin(turned, { kind: 'powerOff', devices: [jetson] });
    turned.advance(10 * minute);
    end();
    const boot = hardware['jetson-orin-nx'].bootTime * 1_000;
    turned.advance(boot - 1);
    expect(turned.state(jetson)).toMatchObject({
      running: false,
      bootedAt: before,
    });
    turned.advance(1);
    expect(turned.state(jetson)).toMatchObject({
      running: true,
      bootedAt: began + 10 * minute + boot,
    });
  });

  it('makes the network come and go in the share of time asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 300 }),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        (period, awayShare) => {
          const turned = aWorld();
          begin(turned, {
            kind: 'flapping',
            devices: [pi],
            parameters: { period, awayShare },
          });
          const steps = 200;
          let away = 0;
          expect(turned.state(pi).connected).toBe(true);
          for (let step = 0; step < steps; step++) {
            away += Number(!turned.state(pi).connected);
            turned.advance((period * 1_000) / steps);
          }
          expect(Math.abs(away / steps - awayShare)).toBeLessThan(0.02);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('adds up, and takes back only what has ended', () => {
    const turned = aWorld();
    const latency = () => turned.telemetry(pi).network.latency;
    const alone = latency();
    const add = (milliseconds: number) =>
      begin(turned, {
        kind: 'latency',
        devices: [pi],
        parameters: { milliseconds },
      });
    const [first] = [add(100), add(200)];
    expect(latency()).toBeCloseTo(alone + 300);
    first.end();
    first.end();
    expect(latency()).toBeCloseTo(alone + 200);
    expect(turned.world.effects.running()).toHaveLength(1);
  });

  it('refuses what is no device', () => {
    const { world } = aWorld();
    expect(() =>
      world.effects.begin({ kind: 'heat', devices: ['cloud-staging-1'] }),
    ).toThrow('There is no device cloud-staging-1.');
  });
});
