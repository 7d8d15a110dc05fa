// SPDX-License-Identifier: Apache-2.0
import type { DrillSummary } from '@causeway/plugin-delivery-common';
import {
  Moment,
  StateShape,
  type MarkKey,
} from '@causeway/plugin-delivery-react';
import type { ReactNode } from 'react';
import pageStyles from '../Page.module.css';
import { Person } from '../Person';
import { useFleetTranslation, type Translate } from '../translation';
import styles from './Drills.module.css';

type Phase = DrillSummary['phase'];

const order: readonly Phase[] = [
  'beginning',
  'fault',
  'ending',
  'recovery',
  'over',
];

interface Step {
  readonly title: string;
  readonly state: MarkKey;
  readonly note: ReactNode;
}

/** What a drill does, step by step, and how far it is. */
export function DrillSteps(props: { drill: DrillSummary }) {
  const { t } = useFleetTranslation();
  return (
    <section className={pageStyles.card} aria-label={t('drill.steps')}>
      <ol className={styles.steps}>
        {stepsOf(props.drill, t).map(({ title, state, note }) => (
          <li key={title} data-now={state === 'run' || undefined}>
            <StateShape state={state} /> <b>{title}</b>
            <span className={pageStyles.quiet}>{note}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function stepsOf(drill: DrillSummary, t: Translate): readonly Step[] {
  const { phase, faultBeganAt, faultEndedAt, overAt } = drill;
  const step = (title: string, of: Phase, at: string | undefined): Step => {
    if (phase === of) return { title, state: 'run', note: t('drill.stepNow') };
    if (order.indexOf(phase) < order.indexOf(of)) {
      return { title, state: 'todo', note: t('drill.stepWaits') };
    }
    return at === undefined
      ? { title, state: 'skip', note: '' }
      : { title, state: 'ok', note: <Moment at={at} /> };
  };
  const wasWatched = faultBeganAt === undefined ? undefined : faultEndedAt;
  return [
    step(t('drill.step.begin'), 'beginning', faultBeganAt),
    step(t('drill.step.hold'), 'fault', wasWatched),
    step(t('drill.step.end'), 'ending', faultEndedAt),
    step(t('drill.step.recover'), 'recovery', overAt),
    signStep(drill, t),
  ];
}

function signStep(
  { verdict, signature, requestedBy }: DrillSummary,
  t: Translate,
): Step {
  const title = t('drill.step.sign');
  if (signature) {
    const state = signature.decision === 'signedOff' ? 'ok' : 'back';
    const note = (
      <>
        <Moment at={signature.at} /> {t('drill.by')}{' '}
        <Person entityRef={signature.by} />
        {signature.reason && <>: {signature.reason}</>}
      </>
    );
    return { title, state, note };
  }
  if (verdict === undefined) {
    return { title, state: 'todo', note: t('drill.stepWaits') };
  }
  return verdict === 'passed'
    ? {
        title,
        state: 'you',
        note: (
          <>
            {t('drill.signWaits')} <Person entityRef={requestedBy} />
          </>
        ),
      }
    : { title, state: 'skip', note: t('drill.signNone') };
}
