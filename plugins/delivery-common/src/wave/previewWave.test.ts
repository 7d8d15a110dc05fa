// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { defaultWavePolicy, type WavePolicy } from './policy';
import type { WaveDevice } from './device';
import { previewWave } from './preview';
import { siteBudget } from './siteBudget';
import { aDevice, anyDevices, anyPolicy } from './__testUtils__/devices';

const wave = (policy: Partial<WavePolicy> = {}) => ({
  id: 'wave',
  target: 'new',
  policy: { ...defaultWavePolicy, ...policy },
});

describe('previewWave', () => {
  it('begins with one device of each hardware class, at different sites, and grows from there', () => {
    const devices = Array.from({ length: 60 }, (_, index) =>
      aDevice({
        id: `d${index}`,
        site: `s${index % 12}`,
        hardware: index % 2 ? 'pi' : 'jetson',
      }),
    );
    const [ring] = previewWave(wave(), devices).rings;
    const byId = new Map(devices.map(each => [each.id, each]));
    const first = ring.batches[0].map(id => byId.get(id));
    expect(first.map(each => each?.hardware).sort()).toEqual(['jetson', 'pi']);
    expect(new Set(first.map(each => each?.site)).size).toBe(2);
    expect(ring.batches[1]).toHaveLength(8);
  });

  it('names each exclusion', () => {
    const { excluded } = previewWave(wave({ unhealthy: 'exclude' }), [
      aDevice({ id: 'ok' }),
      aDevice({ id: 'away', connected: false }),
      aDevice({ id: 'held', hold: 'operator' }),
      aDevice({ id: 'done', running: 'new' }),
      aDevice({ id: 'ill', site: 'sick', health: 'failed' }),
      aDevice({ id: 'near', site: 'sick' }),
      aDevice({ id: 'hot', readings: { temperatureC: 91.04 } }),
      aDevice({
        id: 'full',
        image: 'absent',
        readings: { freeDiskBytes: 1e9, imageBytes: 1e9 },
      }),
    ]);
    const reasons = Object.fromEntries(
      excluded.map(({ device, reason }) => [device, reason]),
    );
    expect(reasons).toEqual({
      away: 'It is away; it is ordered when it is back.',
      held: 'An operator holds it; it is ordered when it is released.',
      done: 'It runs the release already.',
      ill: 'It is unhealthy already, and the policy leaves such devices out.',
      near: 'Its site has no room, since a device there is unhealthy.',
      hot: 'It cannot be changed now: it has 91 °C, limit 85 °C.',
      full: 'It cannot be changed now: it has 1.0 GB free, 2.0 GB needed.',
    });
  });

  it('puts devices into the first ring that takes them, the others into a last one', () => {
    const { rings } = previewWave(
      wave({
        mode: {
          kind: 'rings',
          provenShare: 0.9,
          rings: [
            { name: 'Bench', sites: ['bench'] },
            { name: 'Early', labels: { early: 'yes' } },
          ],
        },
      }),
      [
        aDevice({ id: 'a', site: 'bench', labels: { early: 'yes' } }),
        aDevice({ id: 'b', site: 'field', labels: { early: 'yes' } }),
        aDevice({ id: 'c', site: 'field' }),
      ],
    );
    expect(rings).toEqual([
      { name: 'Bench', batches: [['a']] },
      { name: 'Early', batches: [['b']] },
      { name: 'The rest', batches: [['c']] },
    ]);
  });

  it('has each device exactly once, within the limits of site, class and wave', () =>
    fc.assert(
      fc.property(anyDevices(), anyPolicy(), (devices, policy) => {
        const preview = previewWave(wave(policy), devices);
        const batches = preview.rings.flatMap(ring => ring.batches);
        const ids = [
          ...batches.flat(),
          ...preview.excluded.map(({ device }) => device),
        ];
        expect(ids.sort()).toEqual(devices.map(({ id }) => id).sort());
        const byId = new Map(devices.map(each => [each.id, each]));
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(policy.maxDown ?? Infinity);
          const going = batch.flatMap(id => byId.get(id) ?? []);
          for (const { site, cluster } of going) {
            const isThere = (each: WaveDevice) => each.site === site;
            const isOfIt = (each: WaveDevice) =>
              isThere(each) && each.cluster === cluster;
            for (const counts of [isThere, isOfIt])
              expect(going.filter(counts).length).toBeLessThanOrEqual(
                siteBudget(devices.filter(counts).length, policy.siteShare),
              );
          }
        }
      }),
    ));

  it('is the same whatever order the devices come in, and keeps their order when others come or go', () =>
    fc.assert(
      fc.property(anyDevices(), fc.nat(), (devices, cut) => {
        const orderOf = (some: typeof devices) =>
          previewWave(wave({ mode: { kind: 'oneAtATime' } }), some)
            .rings.flatMap(ring => ring.batches)
            .flat();
        expect(previewWave(wave(), [...devices].reverse())).toEqual(
          previewWave(wave(), devices),
        );
        const healthy = devices.map(each => ({
          ...each,
          health: 'ok' as const,
        }));
        const fewer = healthy.filter((_, index) => (index + cut) % 3 > 0);
        const left = new Set(fewer.map(({ id }) => id));
        const rest = orderOf(fewer);
        // The first of a hardware class may be another one; the order of the rest is kept.
        expect(orderOf(healthy).filter(id => left.has(id))).toEqual(rest);
      }),
    ));
});
