// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import type { FleetSites } from '@causeway/plugin-delivery-common';
import {
  comesApartAt,
  indexSites,
  marksIn,
  siteIdsOf,
  type Mark,
} from './clusterSites';
import { donutOf } from './donut';
import { addCounts, sitesOf, worstOf, type LocatedSite } from './mapSites';
import { MAX_ZOOM } from './mapView';

const size = { width: 1000, height: 700 };
const europe = { longitude: 10, latitude: 51, zoom: 2 };
const nothing = {
  critical: 0,
  warning: 0,
  away: 0,
  stale: 0,
  unknown: 0,
  ok: 0,
};

function site(
  name: string,
  [longitude, latitude]: readonly [number, number],
  counts: Partial<LocatedSite['counts']> = { ok: 1 },
): LocatedSite {
  const all = { ...nothing, ...counts };
  return {
    id: `edge/${name}`,
    name,
    cluster: 'edge',
    devices: Object.values(all).reduce((sum, count) => sum + count, 0),
    worst: worstOf(all),
    counts: all,
    longitude,
    latitude,
  };
}

const total = (marks: readonly Mark[], of: (mark: Mark) => number) =>
  marks.reduce((sum, mark) => sum + of(mark), 0);

describe('marks of the map', () => {
  it('makes one mark of sites that lie close, which counts them and wears the worst state', () => {
    const index = indexSites([
      site('rotterdam', [4.48, 51.92], { ok: 9 }),
      site('antwerp', [4.4, 51.22], { ok: 4, critical: 1 }),
      site('oslo', [10.75, 59.91], { ok: 1, away: 1 }),
    ]);
    const marks = marksIn(index, europe, size);
    expect(marks).toHaveLength(2);
    const [first, second] = marks;
    expect(first).toMatchObject({
      name: 'rotterdam',
      sites: 2,
      devices: 14,
      worst: 'critical',
    });
    expect(first.counts).toEqual({ ...nothing, ok: 13, critical: 1 });
    expect(second).toMatchObject({ site: 'edge/oslo', worst: 'away' });
    expect([...siteIdsOf(index, first)].sort()).toEqual([
      'edge/antwerp',
      'edge/rotterdam',
    ]);
    const apart = comesApartAt(index, first);
    expect(apart).toBeLessThanOrEqual(MAX_ZOOM);
    expect(
      marksIn(index, { ...first, zoom: apart }, size).length,
    ).toBeGreaterThan(1);
  });

  it('never takes apart what lies at one place', () => {
    const index = indexSites([site('one', [5, 50]), site('two', [5, 50])]);
    const [mark] = marksIn(index, { ...europe, zoom: 12 }, size);
    const [both] = marksIn(index, europe, size);
    expect(both.sites).toBe(2);
    expect(comesApartAt(index, both)).toBeGreaterThan(MAX_ZOOM);
    expect(mark === undefined || mark.sites === 2).toBe(true);
  });

  it('shows every device exactly once, whatever the zoom', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            place: fc.tuple(
              fc.double({ min: -20, max: 40, noNaN: true }),
              fc.double({ min: 35, max: 65, noNaN: true }),
            ),
            ok: fc.nat(50),
            warning: fc.nat(3),
            away: fc.nat(5),
          }),
          { maxLength: 60 },
        ),
        fc.integer({ min: 0, max: 2 }),
        (fleet, zoom) => {
          const sites = fleet.map(({ place, ...counts }, number) =>
            site(`site-${number}`, place, counts),
          );
          const marks = marksIn(
            indexSites(sites),
            { longitude: 10, latitude: 50, zoom },
            { width: 4_000, height: 4_000 },
          );
          expect(total(marks, mark => mark.sites)).toBe(sites.length);
          expect(
            marks.map(mark => mark.counts).reduce(addCounts, nothing),
          ).toEqual(sites.map(each => each.counts).reduce(addCounts, nothing));
        },
      ),
    );
  });

  it('puts the worst first', () => {
    const marks = marksIn(
      indexSites([
        site('fine', [-70, 40], { ok: 100 }),
        site('away', [0, 0], { away: 1 }),
        site('failing', [70, 40], { critical: 1, ok: 5 }),
        site('degraded', [20, 20], { warning: 1 }),
      ]),
      { longitude: 0, latitude: 20, zoom: 1 },
      { width: 2_000, height: 2_000 },
    );
    expect(marks.map(mark => mark.name)).toEqual([
      'failing',
      'degraded',
      'away',
      'fine',
    ]);
  });
});

describe('sites of the backend', () => {
  const columns: FleetSites['columns'] = {
    id: ['edge/oslo', 'edge/depot', 'edge/moon'],
    name: ['Oslo', 'Depot', 'Moon'],
    longitude: [10.75, null, 500],
    latitude: [59.91, null, 10],
    cluster: ['edge', 'edge', 'edge'],
    devices: [4, 1, 2],
    worst: ['away', 'ok', 'ok'],
    ok: [1, 1, 2],
    warning: [0, 0, 0],
    critical: [0, 0, 0],
    stale: [0, 0, 0],
    away: [1, 0, 0],
  };
  const answer = { revision: '1', readAt: '2026-11-19T14:32:00.000Z', columns };

  it('lists sites without a place on earth instead of losing them', () => {
    const { located, unlocated } = sitesOf(answer);
    expect(located.map(each => each.name)).toEqual(['Oslo']);
    expect(unlocated.map(each => each.name)).toEqual(['Depot', 'Moon']);
  });

  it('counts devices of which nothing is told as unknown, never as fine', () => {
    expect(sitesOf(answer).located[0].counts).toEqual({
      ...nothing,
      ok: 1,
      away: 1,
      unknown: 2,
    });
  });
});

describe('the ring of a mark', () => {
  it('is whole, worst first, and shows one bad device among thousands', () => {
    const parts = donutOf({ ...nothing, ok: 9_999, critical: 1 });
    expect(parts.map(part => part.state)).toEqual(['critical', 'ok']);
    expect(parts[0].length).toBeGreaterThan(5);
    expect(parts[0].length + parts[1].length).toBeCloseTo(100);
    expect(parts[1].from).toBeCloseTo(parts[0].length);
    expect(donutOf(nothing)).toEqual([]);
  });
});
