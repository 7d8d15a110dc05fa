// SPDX-License-Identifier: Apache-2.0
import type { WaveDevice } from '@causeway/plugin-delivery-common';
import fc from 'fast-check';
import { groupDevice, type GroupMember } from './groupDevice';

type Look = Partial<WaveDevice>;

const look = (change: Look = {}): WaveDevice => ({
  id: 'edge/a',
  site: 'oslo',
  hardware: 'pi',
  connected: true,
  running: 'old',
  health: 'ok',
  image: 'absent',
  ...change,
});

const [old, fresh] = [{}, { running: 'new' }];
const away = (since: number, change: Look = {}): Look => ({
  connected: false,
  awaySince: since,
  ...change,
});
const bare: Look = { running: undefined, health: 'unknown' };
const starting: Look = { health: 'unknown', switching: true };
const crash: Look = { health: 'failed', trouble: 'its pod fails' };

/** Each member by its pods, a, b and so on. */
const groupOf = (members: readonly (readonly Look[])[]): WaveDevice => {
  const [first, ...others] = members.map((looks, index): GroupMember => {
    const [one, ...more] = looks.map(look);
    return { name: 'abc'[index], looks: [one, ...more] };
  });
  return groupDevice(
    { id: 'edge/hangzhou', name: 'hangzhou' },
    [first, ...others],
    'new',
  );
};

it.each<[string, readonly (readonly Look[])[], Partial<WaveDevice>]>([
  ['all run what was before', [[old], [old]], { running: 'old', health: 'ok' }],
  ['all run the release', [[fresh], [fresh]], { running: 'new', health: 'ok' }],
  [
    'some run the release',
    [[fresh], [old]],
    { running: undefined, health: 'unknown', switching: true },
  ],
  [
    'a device has both',
    [[fresh, old]],
    { running: undefined, switching: true },
  ],
  [
    'one does not start',
    [[fresh], [{ ...fresh, ...starting }]],
    { running: 'new', health: 'unknown', switching: true },
  ],
  [
    'the release fails on one while others wait for it',
    [[old], [{ ...fresh, ...crash }]],
    { running: 'new', health: 'failed', trouble: 'b: its pod fails' },
  ],
  [
    'one was unhealthy before',
    [[old], [crash]],
    { running: 'old', health: 'failed', trouble: 'b: its pod fails' },
  ],
  [
    'what was before fails where the release does well elsewhere',
    [[fresh], [crash]],
    { running: undefined, health: 'unknown', switching: true },
  ],
  [
    'one without a pod of it',
    [[fresh], [bare]],
    { running: 'new', health: 'ok' },
  ],
  ['no pod is there', [[bare]], { running: undefined, health: 'unknown' }],
  [
    'one that is away has what was before',
    [[fresh], [away(5)]],
    { connected: true, running: 'new', health: 'ok' },
  ],
  [
    'one that is away has the release, and one that is back has not',
    [[away(5, fresh)], [old]],
    { running: undefined, switching: true },
  ],
  [
    'one that is away failed',
    [[fresh], [away(5, { ...fresh, ...crash })]],
    { running: 'new', health: 'ok' },
  ],
  [
    'all are away',
    [[away(5)], [away(7)]],
    { connected: false, awaySince: 7, running: undefined, health: 'unknown' },
  ],
  ['one is held', [[old], [{ hold: 'operator' }]], { hold: 'operator' }],
  [
    'one is kept from changes',
    [[old], [{ blocked: ['it is cordoned'] }, { blocked: ['it is cordoned'] }]],
    { blocked: ['b: it is cordoned'] },
  ],
  ['they are at one site', [[old], [old]], { site: 'oslo', hardware: 'pi' }],
  [
    'they differ',
    [
      [{ labels: { line: '1', zone: 'x' } }],
      [{ site: 'bergen', hardware: 'jetson', labels: { line: '1' } }],
    ],
    { site: 'hangzhou', hardware: 'jetson and pi', labels: { line: '1' } },
  ],
  [
    'they are measured',
    [
      [{ readings: { temperatureC: 60 } }],
      [{ readings: { temperatureC: 70, undervolted: true } }],
      [away(1, { readings: { temperatureC: 99 } })],
    ],
    { readings: { temperatureC: 70, undervolted: true } },
  ],
])('is what its devices are together when %s', (_, members, group) => {
  const seen = groupOf(members);
  const keys = Object.keys(group) as (keyof WaveDevice)[];
  expect(Object.fromEntries(keys.map(key => [key, seen[key]]))).toEqual(group);
  expect(seen.members).toEqual(['a', 'b', 'c'].slice(0, members.length));
});

it('is proven by no part of its devices, and failed by any with the release', () => {
  const anyLook = fc.record({
    connected: fc.boolean(),
    running: fc.constantFrom('old', 'new', undefined),
    health: fc.constantFrom(
      'ok' as const,
      'failed' as const,
      'unknown' as const,
    ),
  });
  const anyMember = fc.array(anyLook, { minLength: 1, maxLength: 2 });
  fc.assert(
    fc.property(
      fc.array(anyMember, { minLength: 1, maxLength: 3 }),
      members => {
        const { running, health } = groupOf(members);
        const reached = members.flat().filter(each => each.connected);
        const fails = reached.some(
          each => each.running === 'new' && each.health === 'failed',
        );
        const isProof = running === 'new' && health === 'ok';
        expect(isProof).toBe(
          reached.some(each => each.running === 'new') &&
            reached.every(
              each =>
                each.running === undefined ||
                (each.running === 'new' && each.health === 'ok'),
            ),
        );
        expect(running === 'new' && health === 'failed').toBe(fails);
        const isBack = running !== undefined && running !== 'new';
        const hasRelease = members.flat().some(each => each.running === 'new');
        expect(isBack && hasRelease).toBe(false);
      },
    ),
  );
});
