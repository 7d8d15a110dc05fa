// SPDX-License-Identifier: Apache-2.0
import type {
  CanaryTargetView,
  CanaryView,
} from '@causeway/plugin-delivery-common';
import {
  describeDuration,
  Moment,
  StateMark,
  useClock,
  useSharedTranslation,
} from '@causeway/plugin-delivery-react';
import { describeCountdown } from '../time/describeCountdown';
import { useDeliveryTranslation } from '../translation';
import { stepMark } from './canaryMarks';
import styles from './CanarySteps.module.css';

type Step = CanaryTargetView['steps'][number];

/** The weights a canary takes, in order: since when, until when, and how long the present one lasts. */
export function CanarySteps(props: {
  steps: readonly Step[];
  /** Milliseconds a step is watched. */
  soak: number;
  outcome: CanaryView['outcome'];
  isPast: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const { steps, soak, outcome, isPast } = props;
  if (steps.length === 0) return null;
  const taken = steps.filter(({ since }) => since !== undefined);
  return (
    <ol className={styles.steps} aria-label={t('canary.steps')}>
      {steps.map(step => {
        const isLastTaken = step === taken[taken.length - 1];
        const mark = stepMark(step, { isLastTaken, outcome, isPast }, t);
        const isCurrent = step.state === 'current' && !isPast;
        return (
          <li
            key={step.weight}
            data-step={step.state}
            data-past={isPast ? '' : undefined}
            aria-current={isCurrent ? 'step' : undefined}
          >
            <Bar step={step} isMoving={isCurrent} />
            <p className={styles.weight}>
              <b>{step.weight} %</b>
              <StateMark state={mark.state} word={mark.word} />
              {isCurrent && step.until && <Countdown until={step.until} />}
            </p>
            <p className={styles.when}>
              <When step={step} soak={soak} />
            </p>
          </li>
        );
      })}
    </ol>
  );
}

/** The part of the soak that is over. It says nothing that the words beside it do not say. */
function Bar(props: { step: Step; isMoving: boolean }) {
  const { step, isMoving } = props;
  const { since, until, state } = step;
  const filled = useClock(now => {
    if (state === 'done') return 100;
    if (!isMoving || !since || !until) return 0;
    const [from, to] = [Date.parse(since), Date.parse(until)];
    // In whole seconds: between two looks in one rendering the answer must not move.
    const second = Math.floor(now / 1_000) * 1_000;
    const share = (second - from) / Math.max(1, to - from);
    return Math.round(Math.min(1, Math.max(0, share)) * 1_000) / 10;
  });
  return (
    <span className={styles.bar} aria-hidden="true">
      <span style={{ width: `${filled}%` }} />
    </span>
  );
}

/** What is left of the soak. Silent for screen readers, which hear of it at five minutes and at one. */
function Countdown(props: { until: string }) {
  const { t } = useDeliveryTranslation();
  const until = Date.parse(props.until);
  const left = useClock(now => describeCountdown(until - now) ?? '');
  return (
    <span role="timer" className={styles.countdown}>
      {left ? t('canary.step.left', { left }) : t('canary.step.over')}
    </span>
  );
}

function When(props: { step: Step; soak: number }) {
  const { t } = useDeliveryTranslation();
  const { t: shared } = useSharedTranslation();
  const { step, soak } = props;
  const { since, until, state } = step;
  if (!since) {
    return state === 'planned' ? (
      <>{t('canary.step.plan', { soak: describeDuration(soak, shared) })}</>
    ) : (
      <>{t('canary.step.notStarted')}</>
    );
  }
  if (!until) return <Moment at={since} />;
  return state === 'current' ? (
    <>
      <Moment at={since} />, {t('canary.step.earliest')} <Moment at={until} />
    </>
  ) : (
    <>
      <Moment at={since} /> {t('canary.step.until')} <Moment at={until} />,{' '}
      {t('canary.step.took', {
        span: describeDuration(Date.parse(until) - Date.parse(since), shared),
      })}
    </>
  );
}
