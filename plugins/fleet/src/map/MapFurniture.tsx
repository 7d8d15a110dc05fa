// SPDX-License-Identifier: Apache-2.0
import { StateMark } from '@causeway/plugin-delivery-react';
import { RiAddLine, RiFullscreenLine, RiSubtractLine } from '@remixicon/react';
import { worstMarks } from '../state/axisMarks';
import { useFleetTranslation } from '../translation';
import styles from './FleetMap.module.css';
import type { MapControl } from './useMapControl';

/** The ways to zoom for those who use neither keys nor a wheel. */
export function MapButtons(props: { control: MapControl }) {
  const { t } = useFleetTranslation();
  const { zoom, showAll } = props.control;
  return (
    <div className={styles.buttons}>
      <button
        type="button"
        aria-label={t('map.zoomIn')}
        onClick={() => zoom(1)}
      >
        <RiAddLine size={16} />
      </button>
      <button
        type="button"
        aria-label={t('map.zoomOut')}
        onClick={() => zoom(-1)}
      >
        <RiSubtractLine size={16} />
      </button>
      <button type="button" aria-label={t('map.fit')} onClick={showAll}>
        <RiFullscreenLine size={16} />
      </button>
    </div>
  );
}

/** What the shapes of the map mean. */
export function MapLegend() {
  const { t } = useFleetTranslation();
  return (
    <footer className={styles.legend}>
      <ul>
        {(['critical', 'warning', 'away', 'stale', 'ok'] as const).map(
          state => (
            <li key={state}>
              <StateMark state={worstMarks[state]} word={t(`worst.${state}`)} />
            </li>
          ),
        )}
      </ul>
      <span>{t('map.legend')}</span>
    </footer>
  );
}
