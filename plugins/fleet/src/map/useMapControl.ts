// SPDX-License-Identifier: Apache-2.0
import { useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import {
  fit,
  pan,
  zoomBy,
  type MapPoint,
  type MapSize,
  type MapView,
  type Place,
} from './mapView';

/** How far a hand moves before it drags, in pixels: one that chooses a mark trembles. */
const SLOP = 5;
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
  // The same from one view to the next, for a hand that drags through many of them.
  const ways = useMemo<Omit<MapControl, 'view'>>(
    () => ({
      lookAt: setChosen,
      panBy: by => setChosen(current => pan(current ?? whole, size, by)),
      zoom: (steps, anchor) =>
        setChosen(current => zoomBy(current ?? whole, size, steps, anchor)),
      showAll: () => setChosen(undefined),
    }),
    [whole, size],
  );
  return { ...ways, view: chosen ?? whole };
}

/** Lets the person drag the map, by its marks too, and zoom with the wheel while Ctrl is held or two fingers pinch. */
export function useMapPointer(
  surface: RefObject<HTMLElement>,
  control: MapControl,
): void {
  const { panBy, zoom } = control;
  // Kept when sites come while the map is dragged.
  const hand = useRef<{ from?: MapPoint; isDragging: boolean }>({
    isDragging: false,
  });
  useEffect(() => {
    const element = surface.current;
    if (!element) return undefined;
    const stops: (() => void)[] = [];
    const listen = <Kind extends keyof HTMLElementEventMap>(
      kind: Kind,
      listener: (event: HTMLElementEventMap[Kind]) => void,
    ) => {
      const options = { passive: false, capture: kind === 'click' };
      element.addEventListener(kind, listener, options);
      stops.push(() => element.removeEventListener(kind, listener, options));
    };

    listen('pointerdown', event => {
      const isOnControl =
        event.target instanceof Element &&
        event.target.closest('button:not([data-handle], [data-mark])');
      if (event.button !== 0 || isOnControl) return;
      hand.current = {
        from: { x: event.clientX, y: event.clientY },
        isDragging: false,
      };
    });
    listen('pointermove', event => {
      const { from, isDragging } = hand.current;
      // Before it drags it may be let go elsewhere.
      if (!from || event.buttons === 0) return;
      const by = { dx: from.x - event.clientX, dy: from.y - event.clientY };
      if (!isDragging && Math.hypot(by.dx, by.dy) < SLOP) return;
      element.setPointerCapture(event.pointerId);
      panBy(by);
      hand.current = {
        from: { x: event.clientX, y: event.clientY },
        isDragging: true,
      };
    });
    const drop = () => {
      hand.current = { isDragging: hand.current.isDragging };
    };
    listen('pointerup', drop);
    listen('pointercancel', drop);
    // The mark that the map was dragged by is not chosen.
    listen('click', event => {
      if (hand.current.isDragging && event.detail > 0) event.stopPropagation();
      hand.current = { isDragging: false };
    });
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
