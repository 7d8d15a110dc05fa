// SPDX-License-Identifier: Apache-2.0
import type { FleetWorkload } from '@causeway/plugin-delivery-common';
import { StateMark, type MarkKey } from '@causeway/plugin-delivery-react';
import styles from '../Page.module.css';
import { useFleetTranslation } from '../translation';

const marks = {
  running: 'ok',
  starting: 'run',
  failing: 'bad',
  held: 'hold',
  ending: 'run',
  finished: 'skip',
  unknown: 'stale',
} as const satisfies Record<FleetWorkload['state'], MarkKey>;

/** The pods on a device, by the workload that they belong to. */
export function Workloads(props: { workloads: readonly FleetWorkload[] }) {
  const { t } = useFleetTranslation();
  const { workloads } = props;
  return (
    <section className={styles.card} aria-label={t('device.workloads')}>
      <h2>{t('device.workloads')}</h2>
      {workloads.length === 0 && (
        <p className={styles.quiet}>{t('device.noWorkloads')}</p>
      )}
      {workloads.length > 0 && (
        <div className={styles.scroll}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t('device.workload')}</th>
                <th scope="col">{t('table.version')}</th>
                <th scope="col">{t('device.state')}</th>
                <th scope="col" className={styles.number}>
                  {t('device.restarts')}
                </th>
              </tr>
            </thead>
            <tbody>
              {workloads.map(workload => (
                <Row
                  key={`${workload.namespace}/${workload.pod}`}
                  workload={workload}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row(props: { workload: FleetWorkload }) {
  const { t } = useFleetTranslation();
  const { workload } = props;
  const { version, wanted } = workload;
  return (
    <tr>
      <th scope="row">
        {workload.name}
        <small>
          {[workload.kind, workload.namespace].filter(Boolean).join(', ')}
        </small>
      </th>
      <td>
        {version ?? workload.image}
        {wanted && wanted !== version && (
          <small>{t('device.wanted', { version: wanted })}</small>
        )}
      </td>
      <td>
        <StateMark
          state={marks[workload.state]}
          word={t(`workload.${workload.state}`)}
        />
        {workload.reason && <small>{workload.reason.message}</small>}
      </td>
      <td className={styles.number}>{workload.restarts}</td>
    </tr>
  );
}
