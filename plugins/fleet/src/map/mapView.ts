// SPDX-License-Identifier: Apache-2.0
import { geoMercator, type GeoProjection } from 'd3-geo';

/** Where the map looks: its centre in degrees, and how near, as a power of two. */
export interface MapView {
  readonly longitude: number;
  readonly latitude: number;
  /** At 0 the whole world is {@link WORLD} pixels wide; each step doubles it. */
  readonly zoom: number;
}

/** A place on the earth, in degrees. */
export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

/** The size of the map on the page, in CSS pixels. */
export interface MapSize {
  readonly width: number;
  readonly height: number;
}

/** A place on the map, in CSS pixels from its top left corner. */
export interface MapPoint {
  readonly x: number;
  readonly y: number;
}

/** Width of the world at zoom 0, in pixels; the same that the clusters are made for. */
export const WORLD = 512;

export const MIN_ZOOM = 0;
export const MAX_ZOOM = 12;

/** Sites that lie together are not looked at from nearer than this when the map fits them. */
const FIT_ZOOM = 6;

/** Room around what the map fits, for the marks and their names. */
const FIT_MARGIN = 56;

/** Beyond it Mercator's map has nothing but stretched ice. */
const MAX_LATITUDE = 80;

/** Turns degrees into pixels of the map, and back. */
export function projectionOf(view: MapView, size: MapSize): GeoProjection {
  return geoMercator()
    .scale(scaleOf(view.zoom))
    .center([view.longitude, view.latitude])
    .translate([size.width / 2, size.height / 2]);
}

/** Where a place is on the map. */
export function pointOf(projection: GeoProjection, place: Place): MapPoint {
  const [x, y] = projection([place.longitude, place.latitude]) ?? [NaN, NaN];
  return { x, y };
}

/** Moves what the map looks at by pixels: positive is right and down. */
export function pan(
  view: MapView,
  size: MapSize,
  by: { readonly dx: number; readonly dy: number },
): MapView {
  const centre = placeAt(view, size, {
    x: size.width / 2 + by.dx,
    y: size.height / 2 + by.dy,
  });
  return { ...clamp(centre), zoom: view.zoom };
}

/** Looks from nearer or farther; what is under `anchor` stays there. */
export function zoomBy(
  view: MapView,
  size: MapSize,
  steps: number,
  anchor: MapPoint = { x: size.width / 2, y: size.height / 2 },
): MapView {
  const zoom = clampZoom(view.zoom + steps);
  const held = placeAt(view, size, anchor);
  const moved = pointOf(projectionOf({ ...view, zoom }, size), held);
  return pan({ ...view, zoom }, size, {
    dx: moved.x - anchor.x,
    dy: moved.y - anchor.y,
  });
}

/** Looks at one place from a given height. */
export function lookAt(place: Place, zoom: number): MapView {
  return { ...clamp(place), zoom: clampZoom(zoom) };
}

/** The nearest look that shows all places; the whole world when there is none. */
export function fit(places: readonly Place[], size: MapSize): MapView {
  if (places.length === 0) {
    return lookAt(
      { longitude: 10, latitude: 30 },
      Math.log2(Math.max(size.width, WORLD) / WORLD),
    );
  }
  const margin = Math.min(FIT_MARGIN, size.width / 4, size.height / 4);
  const world = projectionOf({ longitude: 0, latitude: 0, zoom: 0 }, size);
  const points = places.map(place => pointOf(world, place));
  const [left, right] = extentOf(points.map(point => point.x));
  const [top, bottom] = extentOf(points.map(point => point.y));
  const enlargement = Math.min(
    (size.width - 2 * margin) / (right - left),
    (size.height - 2 * margin) / (bottom - top),
  );
  return lookAt(
    placeOn(world, { x: (left + right) / 2, y: (top + bottom) / 2 }, places[0]),
    Math.min(Math.log2(enlargement), FIT_ZOOM),
  );
}

/** West, south, east and north of what the map shows, in degrees. */
export function boundsOf(
  view: MapView,
  size: MapSize,
): [number, number, number, number] {
  const topLeft = placeAt(view, size, { x: 0, y: 0 });
  const bottomRight = placeAt(view, size, { x: size.width, y: size.height });
  return [
    Math.max(-180, view.longitude - (180 * size.width) / worldAt(view.zoom)),
    bottomRight.latitude,
    Math.min(180, view.longitude + (180 * size.width) / worldAt(view.zoom)),
    topLeft.latitude,
  ];
}

/** What is under a point of the map. */
function placeAt(view: MapView, size: MapSize, point: MapPoint): Place {
  return placeOn(projectionOf(view, size), point, view);
}

/** What a projection has at a point; `otherwise` where it has nothing. */
function placeOn(
  projection: GeoProjection,
  { x, y }: MapPoint,
  otherwise: Place,
): Place {
  const [longitude, latitude] = projection.invert?.([x, y]) ?? [
    otherwise.longitude,
    otherwise.latitude,
  ];
  return { longitude, latitude };
}

function extentOf(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

function worldAt(zoom: number): number {
  return WORLD * 2 ** zoom;
}

function scaleOf(zoom: number): number {
  return worldAt(zoom) / (2 * Math.PI);
}

function clamp(place: Place): Place {
  return {
    longitude: Math.min(180, Math.max(-180, place.longitude)),
    latitude: Math.min(MAX_LATITUDE, Math.max(-MAX_LATITUDE, place.latitude)),
  };
}

function clampZoom(zoom: number): number {
  return Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom));
}
