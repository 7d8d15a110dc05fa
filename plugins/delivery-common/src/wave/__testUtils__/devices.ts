// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import type { WaveDevice } from '../device';
import { defaultWavePolicy, type WavePolicy } from '../policy';

/** A device as most are: connected, healthy, with the image pulled and the old digest running. */
export function aDevice(device: Partial<WaveDevice> = {}): WaveDevice {
  return {
    id: 'device',
    site: 'site',
    hardware: 'pi',
    connected: true,
    running: 'old',
    health: 'ok',
    image: 'present',
    ...device,
  };
}

/** Up to forty devices of three classes at six sites, some of which cannot be changed. */
export function anyDevices(): fc.Arbitrary<WaveDevice[]> {
  return fc
    .array(
      fc.record({
        site: fc.constantFrom('a', 'a', 'b', 'b', 'c', 'd', 'e', 'f'),
        cluster: fc.constantFrom(undefined, 'north', 'north', 'south'),
        hardware: fc.constantFrom('jetson', 'pi', 'pi', 'pi5'),
        connected: fc.integer({ min: 0, max: 5 }).map(dice => dice > 0),
        hold: fc.constantFrom(undefined, undefined, undefined, 'operator'),
        health: fc.constantFrom('ok', 'ok', 'ok', 'failed', 'unknown'),
      } as const),
      { maxLength: 40 },
    )
    .map(list =>
      list.map((device, index) =>
        aDevice({ ...device, id: `d${index}` } as WaveDevice),
      ),
    );
}

/** Policies that differ in what bounds a wave. */
export function anyPolicy(): fc.Arbitrary<WavePolicy> {
  return fc
    .record({
      mode: fc.constantFrom<WavePolicy['mode']>(
        { kind: 'growth' },
        { kind: 'oneAtATime' },
        {
          kind: 'rings',
          provenShare: 0.9,
          rings: [
            { name: 'first', share: 0.1 },
            { name: 'some', sites: ['a', 'b'] },
          ],
        },
      ),
      canaries: fc.integer({ min: 1, max: 3 }),
      growth: fc.constantFrom(1, 2, 4),
      siteShare: fc.constantFrom(0, 0.1, 0.25, 0.5, 1),
      minAvailable: fc.constantFrom(0, 0, 1, 3),
      maxDown: fc.constantFrom(undefined, 1, 3),
    })
    .map(policy => ({ ...defaultWavePolicy, ...policy }));
}
