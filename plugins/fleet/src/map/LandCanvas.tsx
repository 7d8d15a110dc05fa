// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { createBasemap, type Basemap } from './basemap';
import styles from './FleetMap.module.css';
import { detailFor, loadLand, type LandDetail } from './land';
import type { MapSize, MapView } from './mapView';

/** So long after the last move the map is drawn sharp again, in milliseconds. */
const SETTLE = 120;

/** The land under the marks. Without it the marks still say everything, so it may come late. */
export function LandCanvas(props: { view: MapView; size: MapSize }) {
  const { view, size } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const basemap = useBasemap(detailFor(view.zoom));
  const theme = useTheme();

  useEffect(() => {
    const drawing = canvas.current;
    const context = drawing?.getContext('2d');
    if (!drawing || !context || !basemap) return undefined;
    const ratio = window.devicePixelRatio || 1;
    drawing.width = Math.round(size.width * ratio);
    drawing.height = Math.round(size.height * ratio);
    const { color: land, outlineColor: coast } = getComputedStyle(drawing);
    const look = { view, size, ratio, land, coast };
    basemap.draw(context, look, true);
    const settle = setTimeout(() => basemap.draw(context, look, false), SETTLE);
    return () => clearTimeout(settle);
  }, [basemap, view, size, theme]);

  return <canvas ref={canvas} className={styles.land} aria-hidden="true" />;
}

function useBasemap(detail: LandDetail): Basemap | undefined {
  const wanted = useLand(detail);
  // Until the fine coast has come, the coarse one is better than none.
  const coarse = useLand('coarse');
  const land = wanted ?? coarse;
  return useMemo(() => land && createBasemap(land), [land]);
}

function useLand(detail: LandDetail) {
  const { data } = useQuery({
    queryKey: ['land', detail],
    queryFn: () => loadLand(detail),
    staleTime: Infinity,
    gcTime: Infinity,
  });
  return data;
}

/** The theme of the page, to draw again in its colours when it changes. */
function useTheme(): string {
  const [theme, setTheme] = useState(themeOfPage);
  useEffect(() => {
    const observer = new MutationObserver(() => setTheme(themeOfPage()));
    [document.documentElement, document.body].forEach(each =>
      observer.observe(each, { attributeFilter: ['data-theme-mode'] }),
    );
    return () => observer.disconnect();
  }, []);
  return theme;
}

function themeOfPage(): string {
  return (
    document.querySelector<HTMLElement>('[data-theme-mode]')?.dataset
      .themeMode ?? ''
  );
}
