// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import {
  boundsOf,
  fit,
  lookAt,
  MAX_ZOOM,
  MIN_ZOOM,
  pan,
  pointOf,
  projectionOf,
  zoomBy,
  type MapView,
} from './mapView';

const size = { width: 900, height: 600 };
const milan = { longitude: 9.19, latitude: 45.46 };
const oslo = { longitude: 10.75, latitude: 59.91 };

const views = fc.record({
  longitude: fc.double({ min: -60, max: 60, noNaN: true }),
  latitude: fc.double({ min: -50, max: 50, noNaN: true }),
  zoom: fc.double({ min: 3, max: 10, noNaN: true }),
});

describe('the look of the map', () => {
  it('puts the centre into the middle, north up and east to the right', () => {
    const projection = projectionOf({ ...milan, zoom: 4 }, size);
    const middle = pointOf(projection, milan);
    expect(middle.x).toBeCloseTo(450);
    expect(middle.y).toBeCloseTo(300);
    const north = pointOf(projection, oslo);
    expect(north.y).toBeLessThan(middle.y);
    expect(north.x).toBeGreaterThan(middle.x);
  });

  it('comes back to where it was when it is moved there and back', () => {
    fc.assert(
      fc.property(
        views,
        fc.integer({ min: -80, max: 80 }),
        fc.integer({ min: -80, max: 80 }),
        (view: MapView, dx, dy) => {
          const there = pan(view, size, { dx, dy });
          const back = pan(there, size, { dx: -dx, dy: -dy });
          expect(back.longitude).toBeCloseTo(view.longitude, 6);
          expect(back.latitude).toBeCloseTo(view.latitude, 6);
        },
      ),
    );
  });

  it('keeps in place what is under the anchor when it zooms', () => {
    fc.assert(
      fc.property(
        views,
        fc.double({ min: -1, max: 1, noNaN: true }),
        (view, steps) => {
          const anchor = { x: 200, y: 450 };
          const [longitude, latitude] = projectionOf(view, size).invert!([
            anchor.x,
            anchor.y,
          ])!;
          const after = pointOf(
            projectionOf(zoomBy(view, size, steps, anchor), size),
            { longitude, latitude },
          );
          expect(after.x).toBeCloseTo(anchor.x, 3);
          expect(after.y).toBeCloseTo(anchor.y, 3);
        },
      ),
    );
  });

  it('goes neither nearer nor farther than it can', () => {
    expect(zoomBy({ ...milan, zoom: 11.5 }, size, 3).zoom).toBe(MAX_ZOOM);
    expect(zoomBy({ ...milan, zoom: 0.5 }, size, -3).zoom).toBe(MIN_ZOOM);
    expect(lookAt({ longitude: 500, latitude: -95 }, 3)).toEqual({
      longitude: 180,
      latitude: -80,
      zoom: 3,
    });
  });

  it('shows all places when it fits them, with room for their names', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            longitude: fc.double({ min: -170, max: 170, noNaN: true }),
            latitude: fc.double({ min: -70, max: 70, noNaN: true }),
          }),
          { minLength: 1, maxLength: 20 },
        ),
        places => {
          const projection = projectionOf(fit(places, size), size);
          places.forEach(place => {
            const { x, y } = pointOf(projection, place);
            expect(x).toBeGreaterThanOrEqual(0);
            expect(x).toBeLessThanOrEqual(size.width);
            expect(y).toBeGreaterThanOrEqual(0);
            expect(y).toBeLessThanOrEqual(size.height);
          });
        },
      ),
    );
  });

  it('shows a place that lies apart from many that lie together', () => {
    const apart = { longitude: 0, latitude: 4.4 };
    const together = { longitude: 0, latitude: 0 };
    const projection = projectionOf(
      fit([together, together, together, apart], size),
      size,
    );
    expect(pointOf(projection, apart).y).toBeGreaterThanOrEqual(0);
  });

  it('looks at a single place from a height at which a region can be recognised', () => {
    const { longitude, latitude, zoom } = fit([milan], size);
    expect(longitude).toBeCloseTo(milan.longitude);
    expect(latitude).toBeCloseTo(milan.latitude);
    expect(zoom).toBe(6);
    expect(fit([], size).zoom).toBeGreaterThan(0);
  });

  it('knows the bounds of what it shows', () => {
    const [west, south, east, north] = boundsOf({ ...milan, zoom: 4 }, size);
    expect(west).toBeLessThan(milan.longitude);
    expect(east).toBeGreaterThan(milan.longitude);
    expect(south).toBeLessThan(milan.latitude);
    expect(north).toBeGreaterThan(oslo.latitude - 8);
    expect(boundsOf({ ...milan, zoom: 0 }, size)[0]).toBe(-180);
  });
});
