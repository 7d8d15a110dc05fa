// SPDX-License-Identifier: Apache-2.0
import { Alert } from '@backstage/ui';
import {
  engineTitle,
  type CanaryTargetView,
  type CanaryView,
} from '@causeway/plugin-delivery-common';
import { Age } from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation } from '../translation';
import styles from './CanaryPanel.module.css';
import { CanarySteps } from './CanarySteps';
import { EngineChecks } from './EngineChecks';
import { Measurements } from './Measurements';
import { Verdict } from './Verdict';
import { WaitsFor } from './WaitsFor';

/** The canary in one cluster. What can not be seen now is told in the past tense. */
export function CanaryTarget(props: {
  view: CanaryView;
  target: CanaryTargetView;
  isOld: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const { view, target, isOld } = props;
  const { unknown } = target;
  const isPast = isOld || unknown !== undefined;
  const current = target.steps.find(({ state }) => state === 'current');
  return (
    <>
      {unknown && (
        <Alert
          status="warning"
          icon
          title={
            <>
              {t('canary.unknown', { cluster: target.cluster })},{' '}
              <Age since={unknown.since} as="lastSeen" />
            </>
          }
          description={`${unknown.problem} ${t('canary.unknownSince')}`}
        />
      )}
      <div data-past={isPast ? '' : undefined} className={styles.target}>
        <Facts view={view} target={target} isPast={isPast} />
        <CanarySteps
          steps={target.steps}
          soak={view.soak}
          outcome={view.outcome}
          isPast={isPast}
        />
        <div className={styles.two}>
          <Verdict view={view} target={target} isPast={isPast} />
          {!view.outcome && (
            <WaitsFor view={view} target={target} isPast={isPast} />
          )}
        </div>
        <EngineChecks
          target={target}
          isPast={isPast || view.outcome !== undefined}
        />
        <Measurements
          limits={view.limits}
          minutes={target.minutes ?? []}
          leftOut={target.verdict?.troubled ?? []}
          until={isPast || view.outcome ? undefined : current?.until}
        />
      </div>
    </>
  );
}

/** The weight that is really in force, and what the engine itself says. */
function Facts(props: {
  view: CanaryView;
  target: CanaryTargetView;
  isPast: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const { view, target, isPast } = props;
  const { engine, strategy, weight, iterations, checks, message } = target;
  const was = isPast || view.outcome !== undefined;
  return (
    <ul className={styles.facts} aria-label={t('canary.facts')}>
      <li>
        <b>
          {t(was ? 'canary.weightWas' : 'canary.weight', {
            weight: String(weight),
          })}
        </b>
      </li>
      {engine && (
        <li>
          {engineTitle(engine)}
          {strategy && `, ${t(`canary.strategy.${strategy}`)}`}
        </li>
      )}
      {iterations && (
        <li>
          {t('canary.iterations', {
            done: String(iterations.done),
            of: String(iterations.of),
          })}
        </li>
      )}
      {checks && !view.outcome && (
        <li>
          {t('canary.checks', {
            failed: String(checks.failed),
            allowed: String(checks.allowed),
          })}
        </li>
      )}
      {message && <li>{t('canary.says', { message })}</li>}
    </ul>
  );
}
