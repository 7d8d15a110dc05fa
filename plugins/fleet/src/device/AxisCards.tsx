// SPDX-License-Identifier: Apache-2.0
import { axisNames, type FleetDevice } from '@causeway/plugin-delivery-common';
import { Age } from '@causeway/plugin-delivery-react';
import styles from '../Page.module.css';
import { AxisMark } from '../state/AxisMark';
import { useFleetTranslation } from '../translation';

/** The axes of a device side by side: each state with its reason and since when. Never one mixed state. */
export function AxisCards(props: { device: FleetDevice }) {
  const { t } = useFleetTranslation();
  return (
    <section aria-label={t('device.axes')}>
      <ul className={styles.axes}>
        {axisNames.map(axis => {
          const told = props.device[axis];
          return (
            <li key={axis}>
              <h2>{t(`axis.${axis}`)}</h2>
              <AxisMark axis={axis} told={told} headline />
              {told.reason && <p>{told.reason.message}</p>}
              {told.since && (
                <span className={styles.quiet}>
                  <Age since={told.since} as="for" />
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
