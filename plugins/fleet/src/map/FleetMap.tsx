// SPDX-License-Identifier: Apache-2.0
import { VisuallyHidden } from '@backstage/ui';
import { useAnnouncement } from '@causeway/plugin-delivery-react';
import { useId, useMemo, useRef } from 'react';
import { useFleetTranslation } from '../translation';
import {
  comesApartAt,
  indexSites,
  marksIn,
  siteIdsOf,
  type Mark,
  type SiteIndex,
} from './clusterSites';
import { describeView } from './describeMark';
import styles from './FleetMap.module.css';
import { LandCanvas } from './LandCanvas';
import { MapButtons, MapLegend } from './MapFurniture';
import type { LocatedSite } from './mapSites';
import {
  lookAt,
  MAX_ZOOM,
  pointOf,
  projectionOf,
  type MapPoint,
} from './mapView';
import { Marks } from './Marks';
import { useMapControl, useMapPointer } from './useMapControl';
import { useMapSize } from './useMapSize';
import { useMarkFocus } from './useMarkFocus';

/** A mark with its place on the page. */
export interface ShownMark {
  readonly mark: Mark;
  readonly at: MapPoint;
  readonly isChosen: boolean;
}

/**
 * The sites on a map: land on a canvas, and a button for each site or group of sites that can be
 * seen. Choosing is by `onChoose`; a group comes apart first, if it can. A table must show the same.
 */
export function FleetMap(props: {
  sites: readonly LocatedSite[];
  /** Ids of the sites that are chosen. */
  chosen: readonly string[];
  onChoose: (sites: readonly string[]) => void;
}) {
  const { t } = useFleetTranslation();
  const { sites, chosen, onChoose } = props;
  const surface = useRef<HTMLDivElement>(null);
  const handle = useRef<HTMLButtonElement>(null);
  const size = useMapSize(surface);
  const control = useMapControl(sites, size);
  useMapPointer(surface, control);
  const { view } = control;

  const index = useMemo(() => indexSites(sites), [sites]);
  const marks = useMemo(() => marksIn(index, view, size), [index, view, size]);
  const shown = useMemo(() => {
    const projection = projectionOf(view, size);
    return marks.map(mark => ({
      mark,
      at: pointOf(projection, mark),
      isChosen: isChosen(index, mark, chosen),
    }));
  }, [index, marks, view, size, chosen]);

  const open = (mark: Mark) => {
    const zoom = comesApartAt(index, mark);
    if (zoom <= MAX_ZOOM) {
      control.lookAt(lookAt(mark, zoom));
      return;
    }
    const ids = siteIdsOf(index, mark);
    const isTakenBack = ids.every(id => chosen.includes(id));
    onChoose(isTakenBack ? [] : ids);
  };
  const focus = useMarkFocus({
    surface,
    handle,
    shown,
    control,
    hasChoice: chosen.length > 0,
    onClear: () => onChoose([]),
  });
  const summary = describeView(marks, t);
  const spoken = useAnnouncement(summary);
  const keys = useId();

  return (
    <section className={styles.map} aria-label={t('map.label')}>
      <div ref={surface} className={styles.surface}>
        <LandCanvas view={view} size={size} />
        <button
          type="button"
          ref={handle}
          className={styles.handle}
          data-handle
          aria-label={t('map.handle')}
          aria-describedby={keys}
          onKeyDown={focus.onKeyDown}
          onClick={focus.onClick}
        />
        <Marks
          shown={shown}
          current={focus.current}
          onOpen={open}
          onFocus={focus.onFocus}
          onKeyDown={focus.onKeyDown}
        />
        <MapButtons control={control} />
      </div>
      <MapLegend />
      <VisuallyHidden>
        <p id={keys}>
          {summary} {t('map.keys')}
        </p>
        <p aria-live="polite">{spoken}</p>
      </VisuallyHidden>
    </section>
  );
}

function isChosen(
  index: SiteIndex,
  mark: Mark,
  chosen: readonly string[],
): boolean {
  if (chosen.length === 0) return false;
  return siteIdsOf(index, mark).some(id => chosen.includes(id));
}
