// SPDX-License-Identifier: Apache-2.0
import type { FleetDevice } from '@causeway/plugin-delivery-common';
import { Age, StateMark, type MarkKey } from '@causeway/plugin-delivery-react';
import styles from '../Page.module.css';
import { useFleetTranslation } from '../translation';

type Condition = FleetDevice['conditions'][number];

type Judgement = 'good' | 'bad' | 'unknown';

const marks = {
  good: 'ok',
  bad: 'warn',
  unknown: 'stale',
} as const satisfies Record<Judgement, MarkKey>;

/** The conditions of the node. All but `Ready` are bad when they are true. */
export function Conditions(props: { conditions: readonly Condition[] }) {
  const { t } = useFleetTranslation();
  const { conditions } = props;
  if (conditions.length === 0) return null;
  return (
    <section className={styles.card} aria-label={t('device.conditions')}>
      <h2>{t('device.conditions')}</h2>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('device.condition')}</th>
              <th scope="col">{t('device.state')}</th>
            </tr>
          </thead>
          <tbody>
            {conditions.map(condition => (
              <Row key={condition.type} condition={condition} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row(props: { condition: Condition }) {
  const { t } = useFleetTranslation();
  const { condition } = props;
  const judgement = judge(condition);
  return (
    <tr>
      <th scope="row">
        {condition.type}
        {condition.since && (
          <small>
            <Age since={condition.since} as="for" />
          </small>
        )}
      </th>
      <td>
        <StateMark
          state={marks[judgement]}
          word={t(`condition.${judgement}`)}
        />
        {judgement !== 'good' && (
          <small>
            {[condition.reason, condition.message].filter(Boolean).join(': ')}
          </small>
        )}
      </td>
    </tr>
  );
}

function judge({ type, status }: Condition): Judgement {
  if (status === 'Unknown') return 'unknown';
  const good = type === 'Ready' ? 'True' : 'False';
  return status === good ? 'good' : 'bad';
}
