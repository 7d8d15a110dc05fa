// SPDX-License-Identifier: Apache-2.0
import type { DrillDetail } from '@causeway/plugin-delivery-common';
import {
  Moment,
  StateMark,
  useSharedTranslation,
  type MarkKey,
} from '@causeway/plugin-delivery-react';
import pageStyles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { sayWhen } from './sayWhen';

type Finding = DrillDetail['findings'][number];

const marks: Readonly<Record<Finding['outcome'], MarkKey>> = {
  open: 'wait',
  met: 'ok',
  notMet: 'bad',
  notSeen: 'unsure',
};

/** What was expected of each device beside what was observed. */
export function DrillFindings(props: { detail: DrillDetail }) {
  const { t } = useFleetTranslation();
  const { t: shared } = useSharedTranslation();
  const { drill, findings } = props.detail;
  const isMany = drill.devices.length > 1;
  const words = {
    open: t('drill.openNow'),
    met: t('drill.met'),
    notMet: t('drill.notMet'),
    notSeen: t('drill.notSeen'),
  };
  const nameById = new Map(drill.devices.map(({ id, name }) => [id, name]));
  return (
    <section className={pageStyles.card} aria-label={t('drill.findings')}>
      <header>
        <h2>{t('drill.findings')}</h2>
      </header>
      <div className={pageStyles.scroll}>
        <table className={pageStyles.table}>
          <thead>
            <tr>
              <th scope="col">{t('drill.expected')}</th>
              {isMany && <th scope="col">{t('drill.device')}</th>}
              <th scope="col">{t('drill.outcome')}</th>
              <th scope="col">{t('drill.observed')}</th>
            </tr>
          </thead>
          <tbody>
            {findings.map(finding => (
              <tr key={`${finding.device} ${finding.title} ${finding.during}`}>
                <th scope="row">
                  {finding.title}
                  <small>{sayWhen(finding, t, shared)}</small>
                </th>
                {isMany && (
                  <td>{nameById.get(finding.device) ?? finding.device}</td>
                )}
                <td>
                  <StateMark
                    state={marks[finding.outcome]}
                    word={words[finding.outcome]}
                  />
                </td>
                <td>
                  {finding.value}
                  {finding.at && (
                    <small>
                      <Moment at={finding.at} />
                    </small>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
