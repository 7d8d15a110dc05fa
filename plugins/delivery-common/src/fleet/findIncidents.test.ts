// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { instant, now } from './__fixtures__/builders';
import type { Connectivity, Platform } from './device';
import {
  findIncidents,
  usualIncidentRules,
  type IncidentCandidate,
} from './findIncidents';
import type { Incident } from './incident';

const live = {
  name: 'edge',
  freshness: { state: 'live', seenAt: instant(1) },
} as const;

function connectivityOf(text: string): Connectivity {
  if (text === '+') return 'live';
  return text === '-' ? 'never' : 'offline';
}

/** Devices of sites: each `+` is live, each number away for so many seconds, `-` never seen. */
function fleet(
  sites: Record<string, string>,
  platform: Platform = 'k3s',
): IncidentCandidate[] {
  return Object.entries(sites).flatMap(([site, devices]) =>
    devices.split(' ').map((text, index) => ({
      id: `edge/${site}-${index}`,
      cluster: 'edge',
      site,
      platform,
      connectivity: connectivityOf(text),
      ...(text !== '-' && {
        lastSeen: now - (text === '+' ? 1 : Number(text)) * 1000,
      }),
    })),
  );
}
function find(
  devices: readonly IncidentCandidate[],
  previous: readonly Incident[] = [],
) {
  return findIncidents(devices, [live], previous, usualIncidentRules);
}
const brief = ({ kind, site, devices, of }: Incident) =>
  [kind, site, devices, of].join(' ');

it.each<[string, IncidentCandidate[], string[]]>([
  ['all live', fleet({ a: '+ + +', b: '+ +' }), []],
  ['one away', fleet({ a: '+ + 300', b: '+ +' }), []],
  [
    'half of a site within a minute',
    fleet({ a: '+ + 300 310', b: '+ + + + +' }),
    ['site a 2 4'],
  ],
  [
    'half of a site on different days',
    fleet({ a: '+ + 300 90000', b: '+ + + + +' }),
    [],
  ],
  [
    'a whole cluster',
    fleet({ a: '300 301', b: '310 +', c: '305 303' }),
    ['devices  5 6'],
  ],
  [
    'KubeEdge falls silent',
    fleet({ a: '300 301', b: '310 +', c: '305 303' }, 'kubeedge'),
    ['cloudcore  5 6'],
  ],
  ['a cluster of one site', fleet({ a: '300 301 302 303' }), ['site a 4 4']],
  [
    'two sites of many',
    fleet({ a: '300 301', b: '600 601', c: '+ + + + + +' }),
    ['site a 2 2', 'site b 2 2'],
  ],
  [
    'devices that never joined do not count',
    fleet({ a: '300 - - -', b: '+ +' }),
    [],
  ],
])('%s', (_name, devices, expected) => {
  expect(find(devices).incidents.map(brief)).toEqual(expected);
});

it('takes the KubeEdge devices of a mixed cluster for one incident, and leaves the others alone', () => {
  const mixed = [
    ...fleet({ a: '300 301', b: '302 303' }, 'kubeedge'),
    ...fleet({ c: '+ + + + + + +', d: '+' }),
  ];
  const { incidents, partOf } = find(mixed);
  expect(incidents.map(brief)).toEqual(['cloudcore  4 4']);
  expect([...partOf.keys()].sort()).toEqual([
    'edge/a-0',
    'edge/a-1',
    'edge/b-0',
    'edge/b-1',
  ]);
});

it('is one incident for a cluster that is not heard, whatever its devices were', () => {
  const freshness = {
    state: 'unreachable',
    since: instant(60),
    problem: 'No connection.',
  } as const;
  const devices = fleet({ a: '+ 300', b: '- +' });
  const { incidents, partOf } = findIncidents(
    devices,
    [{ name: 'edge', freshness }],
    [],
    usualIncidentRules,
  );
  expect(incidents.map(brief)).toEqual(['cluster  4 4']);
  expect(partOf.size).toBe(4);
});

it('goes on under its name while devices return, and ends before the last', () => {
  const [first] = find(fleet({ a: '300 301 302 303', b: '+' })).incidents;
  const half = find(fleet({ a: '+ + 302 +', b: '+' }), [first]).incidents;
  expect(half).toEqual([]);
  const most = find(fleet({ a: '300 + 302 303', b: '+' }), [first]).incidents;
  expect(most.map(({ id }) => id)).toEqual([first.id]);
});

it('names each device at most once, only those that are away, and counts them', () => {
  const texts = fc.array(
    fc.oneof(fc.constant('+'), fc.integer({ min: 50, max: 400 }).map(String)),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 5 }), sites => {
      const devices = fleet(
        Object.fromEntries(
          sites.map((each, index) => [`s${index}`, each.join(' ')]),
        ),
      );
      const { incidents, partOf } = find(devices);
      const away = new Set(
        devices
          .filter(({ connectivity }) => connectivity !== 'live')
          .map(({ id }) => id),
      );
      for (const id of partOf.keys()) expect(away.has(id)).toBe(true);
      for (const { id, devices: count } of incidents) {
        expect([...partOf.values()].filter(other => other === id)).toHaveLength(
          count,
        );
      }
    }),
  );
});

it('calls a site by its title where there is one', () => {
  const away = fleet({ gdansk: '300 300', oslo: '+ + + + + +' });
  const named = away.map(device => ({ ...device, siteName: 'Gdańsk' }));
  const said = (devices: readonly IncidentCandidate[]) =>
    find(devices).incidents.map(({ message }) => message);
  expect(said(named)).toEqual([expect.stringContaining('at Gdańsk fell')]);
  expect(said(away)).toEqual([expect.stringContaining('at gdansk fell')]);
});
