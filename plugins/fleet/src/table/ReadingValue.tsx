// SPDX-License-Identifier: Apache-2.0
import type { FleetDeviceRow } from '@causeway/plugin-delivery-common';
import { Age } from '@causeway/plugin-delivery-react';
import { useFleetTranslation } from '../translation';
import styles from './DeviceTable.module.css';

/** A number that was measured, as the API tells it. */
export type ToldReading = NonNullable<FleetDeviceRow['temperature']>;

/** A measured value with its unit and its age. What nobody reports is said so, never zero. */
export function ReadingValue(props: {
  reading: ToldReading | undefined;
  /** Of a device that is not heard from: the value is of before. */
  isOld?: boolean;
}) {
  const { t } = useFleetTranslation();
  const { reading, isOld } = props;
  if (!reading) {
    return <span className={styles.unreported}>{t('table.notReported')}</span>;
  }
  return (
    <span className={isOld ? styles.old : undefined}>
      {sayValue(reading)}
      <small>
        <Age since={reading.at} as="ago" />
      </small>
    </span>
  );
}

/** A value with as many digits as are worth reading: "91 °C", "4.3 W", "0.2 %". */
export function sayValue(reading: Pick<ToldReading, 'value' | 'unit'>): string {
  const { value, unit } = reading;
  const digits = Math.abs(value) < 100 ? 1 : 0;
  const number = value.toLocaleString(undefined, {
    maximumFractionDigits: digits,
  });
  return `${number}\u00a0${unit}`;
}
