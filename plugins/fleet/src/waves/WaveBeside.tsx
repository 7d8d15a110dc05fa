// SPDX-License-Identifier: Apache-2.0
import type { WaveDeviceView } from '@causeway/plugin-delivery-common';
import { StateShape } from '@causeway/plugin-delivery-react';
import { FleetLink } from '../FleetLink';
import pageStyles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { useFleetLinks } from '../useFleetLinks';
import { besidePlaces, placeMarks } from './wavePlaces';
import styles from './Waves.module.css';

/** Devices that stand beside the plan, each with its reason; nothing waits for them. */
export function WaveBeside(props: { devices: readonly WaveDeviceView[] }) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const beside = besidePlaces
    .map(place => ({
      place,
      devices: props.devices.filter(device => device.place === place),
    }))
    .filter(({ devices }) => devices.length > 0);
  return (
    <aside className={pageStyles.column} aria-label={t('wave.beside')}>
      {beside.length === 0 && (
        <section className={pageStyles.card}>
          <p className={pageStyles.quiet}>{t('wave.nobodyBeside')}</p>
        </section>
      )}
      {beside.map(({ place, devices }) => (
        <section key={place} className={pageStyles.card}>
          <h2>
            <StateShape state={placeMarks[place]} />{' '}
            {t('number', { number: devices.length })} {t(`wave.place.${place}`)}
          </h2>
          <ul className={styles.reasons}>
            {devices.map(device => (
              <li key={device.id}>
                <FleetLink to={links.device(device)}>{device.name}</FleetLink>
                <p>{device.sentence}</p>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </aside>
  );
}
