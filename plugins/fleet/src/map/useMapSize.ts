// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState, type RefObject } from 'react';
import type { MapSize } from './mapView';

/** What the map measures before it is on the page. */
const USUAL: MapSize = { width: 640, height: 560 };

/** The size of an element, kept up to date. */
export function useMapSize(element: RefObject<HTMLElement>): MapSize {
  const [size, setSize] = useState(USUAL);
  useEffect(() => {
    const measured = element.current;
    if (!measured || typeof ResizeObserver === 'undefined') return undefined;
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = measured;
      if (width > 0 && height > 0) setSize({ width, height });
    });
    observer.observe(measured);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
