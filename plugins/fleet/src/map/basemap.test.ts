// SPDX-License-Identifier: Apache-2.0
import { isGoodEnough, type BasemapLook } from './basemap';
import { pan, zoomBy } from './mapView';

const size = { width: 800, height: 600 };
const painted: BasemapLook = {
  view: { longitude: 10, latitude: 50, zoom: 4 },
  size,
  ratio: 2,
  land: 'grey',
  coast: 'black',
};
const moved = (dx: number, dy: number): BasemapLook => ({
  ...painted,
  view: pan(painted.view, size, { dx, dy }),
});
const zoomed = (steps: number): BasemapLook => ({
  ...painted,
  view: zoomBy(painted.view, size, steps),
});

describe('a painted basemap', () => {
  it.each([
    ['stays for small moves', moved(300, -200), false, true],
    ['is painted again beyond its edge', moved(450, 0), true, false],
    ['is painted again beyond its lower edge', moved(0, 320), true, false],
    ['is stretched while the map moves', zoomed(0.5), true, true],
    ['is painted sharp when the map rests', zoomed(0.5), false, false],
    ['is not stretched beyond recognition', zoomed(2), true, false],
    ['is not shrunk until its edges show', zoomed(-2), true, false],
    [
      'is painted again in another theme',
      { ...painted, land: 'black' },
      true,
      false,
    ],
    [
      'is painted again for another size',
      { ...painted, size: { width: 700, height: 600 } },
      true,
      false,
    ],
  ])('%s', (_, wanted, quickly, good) => {
    expect(isGoodEnough(painted, wanted, quickly)).toBe(good);
  });
});
