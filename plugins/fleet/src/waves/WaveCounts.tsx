// SPDX-License-Identifier: Apache-2.0
import type { WaveSummary } from '@causeway/plugin-delivery-common';
import { StateShape } from '@causeway/plugin-delivery-react';
import pageStyles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { placeMarks, places } from './wavePlaces';
import styles from './Waves.module.css';

/** The devices of a wave by where they are, as a bar and in words. */
export function WaveCounts(props: { counts: WaveSummary['counts'] }) {
  const { t } = useFleetTranslation();
  const { counts } = props;
  const some = places.filter(place => counts[place] > 0);
  return (
    <section className={styles.spread} aria-label={t('wave.counts')}>
      <div className={styles.bar} aria-hidden>
        {some.map(place => (
          <i key={place} data-place={place} style={{ flex: counts[place] }} />
        ))}
      </div>
      <ul className={styles.counts}>
        {some.map(place => (
          <li key={place}>
            <StateShape state={placeMarks[place]} />{' '}
            <b>{t('number', { number: counts[place] })}</b>{' '}
            {t(`wave.place.${place}`)}
          </li>
        ))}
      </ul>
      <p className={pageStyles.quiet}>{t('wave.provenExplain')}</p>
    </section>
  );
}
