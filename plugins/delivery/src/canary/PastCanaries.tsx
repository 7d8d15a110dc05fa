// SPDX-License-Identifier: Apache-2.0
import type { CanaryView } from '@causeway/plugin-delivery-common';
import { useId } from 'react';
import {
  describeDuration,
  Moment,
  StateMark,
  useSharedTranslation,
} from '@causeway/plugin-delivery-react';
import { useOpenDialog } from '../pipeline/openDialog';
import { useDeliveryTranslation } from '../translation';
import styles from './CanaryPanel.module.css';
import { outcomeMark } from './canaryMarks';
import tables from './CanaryTable.module.css';

type Past = CanaryView['past'][number];

/** Earlier canaries of the stage, newest first, each with the way to its own picture. */
export function PastCanaries(props: { past: readonly Past[] }) {
  const { t } = useDeliveryTranslation();
  const titleId = useId();
  const { past } = props;
  return (
    <section className={styles.part} aria-labelledby={titleId}>
      <h3 id={titleId}>{t('canary.past.title')}</h3>
      {past.length === 0 ? (
        <p className={styles.quiet}>{t('canary.past.none')}</p>
      ) : (
        <table className={tables.table} data-folds="" aria-labelledby={titleId}>
          <thead>
            <tr>
              <th scope="col">{t('canary.past.release')}</th>
              <th scope="col">{t('canary.past.outcome')}</th>
              <th scope="col" className={tables.right}>
                {t('canary.past.highest')}
              </th>
              <th scope="col" className={tables.right}>
                {t('canary.past.took')}
              </th>
              <th scope="col">{t('canary.past.when')}</th>
              <th scope="col">{t('canary.past.why')}</th>
            </tr>
          </thead>
          <tbody>
            {past.map(each => (
              <PastRow key={each.promotion} past={each} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function PastRow(props: { past: Past }) {
  const { t } = useDeliveryTranslation();
  const { t: shared } = useSharedTranslation();
  const { show } = useOpenDialog();
  const { promotion, release, outcome, at, duration, highestWeight, sentence } =
    props.past;
  const mark = outcomeMark(outcome, t);
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          className={tables.open}
          aria-label={t('canary.past.open', {
            version: release.version,
            outcome: mark.word,
          })}
          onClick={() => show({ kind: 'promotion', id: promotion })}
        >
          {release.version}
        </button>
      </th>
      <td className={tables.nowrap}>
        <StateMark state={mark.state} word={mark.word} />
      </td>
      <td className={tables.right}>{highestWeight} %</td>
      <td className={tables.right}>
        {duration !== undefined && describeDuration(duration, shared)}
      </td>
      <td className={tables.nowrap}>
        <Moment at={at} />
      </td>
      <td className={tables.wide}>{sentence}</td>
    </tr>
  );
}
