// SPDX-License-Identifier: Apache-2.0
import type { WaveDeviceView } from '@causeway/plugin-delivery-common';
import { StateShape } from '@causeway/plugin-delivery-react';
import pageStyles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { WaveDeviceName, WaveMembers } from './WaveDeviceName';
import { besidePlaces, placeMarks } from './wavePlaces';
import styles from './Waves.module.css';

/** Devices that stand beside the plan, each with its reason; nothing waits for them. */
export function WaveBeside(props: { devices: readonly WaveDeviceView[] }) {
  const { t } = useFleetTranslation();
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
                <WaveDeviceName device={device} />
                <p>{device.sentence}</p>
                <WaveMembers device={device} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </aside>
  );
}
