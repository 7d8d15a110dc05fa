// SPDX-License-Identifier: Apache-2.0
import { useEffect, useMemo, useState, type RefObject } from 'react';
import {
  fit,
  pan,
  zoomBy,
  type MapPoint,
  type MapSize,
  type MapView,
  type Place,
} from './mapView';

/** How much one notch of a wheel zooms. */
const WHEEL = 1 / 300;

/** Where the map looks, and the ways to look elsewhere. */
export interface MapControl {
  readonly view: MapView;
  readonly lookAt: (view: MapView) => void;
  readonly panBy: (by: { dx: number; dy: number }) => void;
  readonly zoom: (steps: number, anchor?: MapPoint) => void;
  /** Shows all sites again, and keeps doing so when others come. */
  readonly showAll: () => void;
}

/** Shows all places until the person looks elsewhere; then stays where the person looks. */
export function useMapControl(
  places: readonly Place[],
  size: MapSize,
): MapControl {
  const [chosen, setChosen] = useState<MapView>();
  const whole = useMemo(() => fit(places, size), [places, size]);
  const view = chosen ?? whole;
  return useMemo(
    () => ({
      view,
      lookAt: setChosen,
      panBy: by => setChosen(current => pan(current ?? whole, size, by)),
      zoom: (steps, anchor) =>
        setChosen(current => zoomBy(current ?? whole, size, steps, anchor)),
      showAll: () => setChosen(undefined),
    }),
    [view, whole, size],
  );
}

/** Lets the person drag the map, and zoom with the wheel while Ctrl is held or two fingers pinch. */
export function useMapPointer(
  surface: RefObject<HTMLElement>,
  control: MapControl,
): void {
  const { panBy, zoom } = control;
  useEffect(() => {
    const element = surface.current;
    if (!element) return undefined;
    const stops: (() => void)[] = [];
    let from: MapPoint | undefined;
    const listen = <Kind extends keyof HTMLElementEventMap>(
      kind: Kind,
      listener: (event: HTMLElementEventMap[Kind]) => void,
    ) => {
      element.addEventListener(kind, listener, { passive: false });
      stops.push(() => element.removeEventListener(kind, listener));
    };

    listen('pointerdown', event => {
      const isOnMark =
        event.target instanceof Element &&
        event.target.closest('button:not([data-handle])');
      if (event.button !== 0 || isOnMark) return;
      element.setPointerCapture(event.pointerId);
      from = { x: event.clientX, y: event.clientY };
    });
    listen('pointermove', event => {
      if (!from) return;
      panBy({ dx: from.x - event.clientX, dy: from.y - event.clientY });
      from = { x: event.clientX, y: event.clientY };
    });
    const drop = () => {
      from = undefined;
    };
    listen('pointerup', drop);
    listen('pointercancel', drop);
    // A wheel alone scrolls the page; browsers report a pinch as a wheel with Ctrl.
    listen('wheel', event => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { left, top } = element.getBoundingClientRect();
      zoom(-event.deltaY * WHEEL, {
        x: event.clientX - left,
        y: event.clientY - top,
      });
    });
    return () => stops.forEach(stop => stop());
  }, [surface, panBy, zoom]);
}
