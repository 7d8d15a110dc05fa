// SPDX-License-Identifier: Apache-2.0
import {
  engineTitle,
  type CanaryTargetView,
  type CanaryView,
} from '@causeway/plugin-delivery-common';
import { useId } from 'react';
import { Age, StateMark } from '@causeway/plugin-delivery-react';
import { PersonName } from '../people/PersonName';
import { useDeliveryTranslation, type Translate } from '../translation';
import type { Mark } from './canaryMarks';
import styles from './CanaryPanel.module.css';

type Question = NonNullable<CanaryTargetView['question']>;

/** Whom or what a running canary waits for: a person who paused it, and the engine's last question. */
export function WaitsFor(props: {
  view: CanaryView;
  target: CanaryTargetView;
  isPast: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const { view, target, isPast } = props;
  const { question, engine } = target;
  const titleId = useId();
  return (
    <section className={styles.part} aria-labelledby={titleId}>
      <h3 id={titleId}>{t('canary.waits.title')}</h3>
      {view.paused && (
        <div className={styles.said}>
          <StateMark state="hold" word={view.paused.text} />
          <p>
            {t('canary.waits.pausedBy')} <PersonName of={view.paused.by} />,{' '}
            <Age since={view.paused.at} as="ago" />.
            {view.paused.reason && ` “${view.paused.reason}”`}
          </p>
        </div>
      )}
      {question ? (
        <>
          <p className={styles.quiet}>
            {asked(
              question.hook,
              engine ? engineTitle(engine) : t('canary.waits.theEngine'),
              t,
            )}
            , <Age since={question.at} as="ago" />.
          </p>
          <Answer question={question} isPast={isPast} />
        </>
      ) : (
        <p className={styles.quiet}>{t('canary.waits.nothing')}</p>
      )}
    </section>
  );
}

function Answer(props: { question: Question; isPast: boolean }) {
  const { t } = useDeliveryTranslation();
  const { question, isPast } = props;
  const mark = answerMark(question, t);
  return (
    <div className={styles.said}>
      {isPast ? (
        <StateMark
          state="stale"
          word={t('canary.waits.was', { answer: mark.word })}
        />
      ) : (
        <StateMark state={mark.state} word={mark.word} />
      )}
      <p>{question.sentence}</p>
    </div>
  );
}

/** The question in words; one that these pages do not know yet by its own name. */
function asked(hook: string, engine: string, t: Translate): string {
  switch (hook) {
    case 'confirm-rollout':
      return t('canary.waits.rollout', { engine });
    case 'confirm-traffic-increase':
      return t('canary.waits.increase', { engine });
    case 'confirm-promotion':
      return t('canary.waits.promotion', { engine });
    case 'rollback':
      return t('canary.waits.rollback', { engine });
    case 'event':
      return t('canary.waits.event', { engine });
    case 'pause':
      return t('canary.waits.pause', { engine });
    default:
      return `${engine}: ${hook}`;
  }
}

/** Open means "yes", of the rollback gate "take it back". */
function answerMark({ hook, open }: Question, t: Translate): Mark {
  if (hook === 'event') {
    return { state: 'ok', word: t('canary.waits.recorded') };
  }
  if (hook === 'rollback') {
    return open
      ? { state: 'back', word: t('canary.waits.takeBack') }
      : { state: 'ok', word: t('canary.waits.noNeed') };
  }
  return open
    ? { state: 'ok', word: t('canary.waits.yes') }
    : { state: 'wait', word: t('canary.waits.notYet') };
}
