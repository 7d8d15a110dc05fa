// SPDX-License-Identifier: Apache-2.0
import { geoPath } from 'd3-geo';
import type { FeatureCollection } from 'geojson';
import { pointOf, projectionOf, type MapSize, type MapView } from './mapView';

/** How the map is to be drawn. */
export interface BasemapLook {
  readonly view: MapView;
  readonly size: MapSize;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
  readonly land: string;
  readonly coast: string;
}

/** Land, painted once and then only moved about while it covers what is looked at. */
export interface Basemap {
  /**
   * Draws what `look` asks for. With `quickly` a painting that is a little too coarse will do, as
   * long as the map is on the move.
   */
  draw(
    context: CanvasRenderingContext2D,
    look: BasemapLook,
    quickly: boolean,
  ): void;
}

/** A painting is this many times as wide and high as the map, so that small moves stay on it. */
const MARGIN = 2;

/** How much a painting may be stretched or shrunk while the map moves. */
const STRETCH = 1.6;

interface Painting {
  readonly canvas: HTMLCanvasElement;
  readonly look: BasemapLook;
}

/** Makes a basemap of the given land. */
export function createBasemap(land: FeatureCollection): Basemap {
  let painting: Painting | undefined;
  return {
    draw(context, look, quickly) {
      if (!painting || !isGoodEnough(painting.look, look, quickly)) {
        painting = paint(land, look);
      }
      const { view, size, ratio } = look;
      const stretch = 2 ** (view.zoom - painting.look.view.zoom);
      const centre = pointOf(projectionOf(view, size), painting.look.view);
      const width = size.width * MARGIN * stretch;
      const height = size.height * MARGIN * stretch;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, size.width, size.height);
      context.drawImage(
        painting.canvas,
        centre.x - width / 2,
        centre.y - height / 2,
        width,
        height,
      );
    },
  };
}

/** Whether a painting made for one look can serve another. */
export function isGoodEnough(
  painted: BasemapLook,
  wanted: BasemapLook,
  quickly: boolean,
): boolean {
  const isSameKind =
    painted.ratio === wanted.ratio &&
    painted.land === wanted.land &&
    painted.coast === wanted.coast &&
    painted.size.width === wanted.size.width &&
    painted.size.height === wanted.size.height;
  const stretch = 2 ** (wanted.view.zoom - painted.view.zoom);
  const isSharp = quickly
    ? stretch <= STRETCH && stretch >= 1 / STRETCH
    : stretch === 1;
  if (!isSameKind || !isSharp) return false;
  const { width, height } = wanted.size;
  const centre = pointOf(projectionOf(wanted.view, wanted.size), painted.view);
  const spare = (MARGIN * stretch - 1) / 2;
  return (
    Math.abs(centre.x - width / 2) <= width * spare &&
    Math.abs(centre.y - height / 2) <= height * spare
  );
}

function paint(land: FeatureCollection, look: BasemapLook): Painting {
  const { view, size, ratio } = look;
  const canvas = document.createElement('canvas');
  const width = size.width * MARGIN;
  const height = size.height * MARGIN;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (context) {
    context.scale(ratio, ratio);
    const projection = projectionOf(view, { width, height }).clipExtent([
      [-1, -1],
      [width + 1, height + 1],
    ]);
    context.beginPath();
    geoPath(projection, context)(land);
    context.fillStyle = look.land;
    context.fill();
    context.strokeStyle = look.coast;
    context.lineWidth = 1;
    context.stroke();
  }
  return { canvas, look };
}
