// SPDX-License-Identifier: Apache-2.0
import {
  readingNames,
  type FleetDevice,
} from '@causeway/plugin-delivery-common';
import { Age, StateMark } from '@causeway/plugin-delivery-react';
import styles from '../Page.module.css';
import { sayValue, type ToldReading } from '../table/ReadingValue';
import { useFleetTranslation } from '../translation';

/** Everything that can be measured on a device, each value with its age, source, or that nobody reports it. */
export function Telemetry(props: { device: FleetDevice }) {
  const { t } = useFleetTranslation();
  const { readings, connectivity, throttled, undervoltage } = props.device;
  const isOld = connectivity.state !== 'live';
  return (
    <section className={styles.card} aria-label={t('device.telemetry')}>
      <header>
        <h2>{t('device.telemetry')}</h2>
        <span className={styles.quiet}>{t('device.telemetryExplain')}</span>
      </header>
      <dl className={styles.readings}>
        {readingNames.map(name => (
          <div key={name}>
            <dt>{t(`reading.${name}`)}</dt>
            <dd data-old={isOld ? '' : undefined}>
              <Value reading={readings[name]} />
            </dd>
          </div>
        ))}
        <Complaint name={t('reading.throttled')} complaint={throttled} />
        <Complaint name={t('reading.undervoltage')} complaint={undervoltage} />
      </dl>
    </section>
  );
}

function Value(props: { reading: ToldReading | undefined }) {
  const { t } = useFleetTranslation();
  const { reading } = props;
  if (!reading) {
    return (
      <span className={styles.unreported}>{t('reading.notReported')}</span>
    );
  }
  return (
    <>
      {sayValue(reading)}
      <small>
        <Age since={reading.at} as="ago" />,{' '}
        {t('reading.by', { source: reading.source })}
      </small>
    </>
  );
}

function Complaint(props: {
  name: string;
  complaint: FleetDevice['throttled'];
}) {
  const { t } = useFleetTranslation();
  const { name, complaint } = props;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {!complaint && (
          <span className={styles.unreported}>{t('reading.notReported')}</span>
        )}
        {complaint && (
          <>
            <ComplaintWord complaint={complaint} />
            <small>
              <Age since={complaint.at} as="ago" />,{' '}
              {t('reading.by', { source: complaint.source })}
            </small>
          </>
        )}
      </dd>
    </div>
  );
}

function ComplaintWord(props: {
  complaint: NonNullable<FleetDevice['throttled']>;
}) {
  const { t } = useFleetTranslation();
  const { now, sinceBoot } = props.complaint;
  if (now) return <StateMark state="warn" word={t('reading.now')} />;
  if (sinceBoot) {
    return <StateMark state="todo" word={t('reading.sinceBoot')} />;
  }
  return <>{t('reading.no')}</>;
}
