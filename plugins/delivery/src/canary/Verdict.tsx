// SPDX-License-Identifier: Apache-2.0
import type {
  CanaryTargetView,
  CanaryVerdictView,
  CanaryView,
} from '@causeway/plugin-delivery-common';
import { useId } from 'react';
import { StateMark } from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation } from '../translation';
import styles from './CanaryPanel.module.css';
import { verdictMark } from './canaryMarks';
import tables from './CanaryTable.module.css';

/** Whether the canary may go on, in a word and a sentence, with every condition and what was seen. */
export function Verdict(props: {
  view: CanaryView;
  target: CanaryTargetView;
  isPast: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const { view, target, isPast } = props;
  const { verdict, notJudged, notes = [] } = target;
  const mark = verdictMark(verdict, knownAs(view, isPast), t);
  // The headline of the panel opens with the sentence of its first cluster; nothing is said twice.
  const sentence = verdict?.sentence ?? notJudged ?? t(nothingSaid(view));
  const titleId = useId();
  return (
    <section className={styles.part} aria-labelledby={titleId}>
      <h3 id={titleId}>{t('canary.verdict.title')}</h3>
      <div className={styles.said}>
        <StateMark state={mark.state} word={mark.word} headline />
        {!view.headline.includes(sentence) && <p>{sentence}</p>}
      </div>
      {verdict && verdict.gates.length > 0 && (
        <Gates
          gates={verdict.gates}
          isPast={isPast || view.outcome !== undefined}
        />
      )}
      {notes.length > 0 && (
        <ul className={styles.notes} aria-label={t('canary.verdict.notes')}>
          {notes.map(note => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {!view.outcome && (
        <p className={styles.quiet}>
          {t(
            view.onFault === 'rollBack'
              ? 'canary.verdict.rollBackItself'
              : 'canary.verdict.holdForPerson',
          )}{' '}
          {t(
            view.promotionBy === 'auto'
              ? 'canary.verdict.lastItself'
              : 'canary.verdict.lastPerson',
          )}
        </p>
      )}
    </section>
  );
}

function knownAs(view: CanaryView, isPast: boolean) {
  if (view.outcome) return 'isOver';
  return isPast ? 'isPast' : 'now';
}

function nothingSaid(view: CanaryView) {
  return view.analysis ? 'canary.verdict.none' : 'canary.verdict.off';
}

function Gates(props: { gates: CanaryVerdictView['gates']; isPast: boolean }) {
  const { t } = useDeliveryTranslation();
  const { gates, isPast } = props;
  return (
    <table className={tables.table} data-folds="">
      <caption className={tables.caption}>{t('canary.verdict.gates')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('canary.verdict.check')}</th>
          <th scope="col">{t('canary.verdict.state')}</th>
          <th scope="col">{t('canary.verdict.why')}</th>
        </tr>
      </thead>
      <tbody>
        {gates.map(({ check, title, open, words }) => (
          <tr key={check + title + words}>
            <th scope="row">{title ?? t(`canary.check.${check}`)}</th>
            <td className={tables.nowrap}>
              <Condition open={open} isPast={isPast} />
            </td>
            <td>{words}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Condition(props: { open: boolean; isPast: boolean }) {
  const { t } = useDeliveryTranslation();
  const { open, isPast } = props;
  if (isPast) {
    return (
      <StateMark
        state="stale"
        word={t(open ? 'canary.verdict.wasOpen' : 'canary.verdict.wasClosed')}
      />
    );
  }
  return open ? (
    <StateMark state="ok" word={t('canary.verdict.open')} />
  ) : (
    <StateMark state="wait" word={t('canary.verdict.closed')} />
  );
}
