// SPDX-License-Identifier: Apache-2.0
import {
  engineTitle,
  type CanaryTargetView,
} from '@causeway/plugin-delivery-common';
import { StateMark } from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation, type Translate } from '../translation';
import type { Mark } from './canaryMarks';
import tables from './CanaryTable.module.css';

type Check = NonNullable<CanaryTargetView['measures']>[number];
type Metric = Check['metrics'][number];

/** What the engine measures by itself: each check, each of its metrics, and why it stands so. */
export function EngineChecks(props: {
  target: CanaryTargetView;
  isPast: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const { target, isPast } = props;
  const { measures = [], engine = '' } = target;
  if (measures.length === 0) return null;
  return (
    <table className={tables.table} data-folds="">
      <caption className={tables.caption}>
        {t('canary.engineCheck.title', { engine: engineTitle(engine) })}
      </caption>
      <thead>
        <tr>
          <th scope="col">{t('canary.verdict.check')}</th>
          <th scope="col">{t('canary.verdict.state')}</th>
          <th scope="col">{t('canary.engineCheck.why')}</th>
        </tr>
      </thead>
      <tbody>
        {measures.flatMap(check => [
          <Row
            key={check.name}
            name={check.name}
            state={check.state}
            isPast={isPast}
            why={check.message ?? ''}
          />,
          ...check.metrics.map(metric => (
            <Row
              key={`${check.name} ${metric.name}`}
              name={nameOf(metric, t)}
              state={metric.state}
              isPast={isPast}
              why={measured(metric, t)}
            />
          )),
        ])}
      </tbody>
    </table>
  );
}

function Row(props: {
  name: string;
  state: Check['state'];
  isPast: boolean;
  why: string;
}) {
  const { t } = useDeliveryTranslation();
  const { name, state, isPast, why } = props;
  const mark = markOf(state, t);
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className={tables.nowrap}>
        <StateMark state={isPast ? 'stale' : mark.state} word={mark.word} />
      </td>
      <td>{why}</td>
    </tr>
  );
}

function nameOf({ name, dryRun }: Metric, t: Translate): string {
  return dryRun ? t('canary.engineCheck.dryRun', { name }) : name;
}

/** The last value, how often it was measured with which outcome, and the engine's own words. */
function measured(metric: Metric, t: Translate): string {
  const { value, message } = metric;
  return [
    ...(value ? [t('canary.engineCheck.last', { value })] : []),
    t('canary.engineCheck.counts', {
      passed: String(metric.passed),
      failed: String(metric.failed),
      inconclusive: String(metric.inconclusive),
      errors: String(metric.errors),
    }),
    ...(message ? [message] : []),
  ].join(' ');
}

function markOf(state: Check['state'], t: Translate): Mark {
  switch (state) {
    case 'passed':
      return { state: 'ok', word: t('canary.engineCheck.passed') };
    case 'failed':
      return { state: 'back', word: t('canary.engineCheck.failed') };
    case 'error':
      return { state: 'hold', word: t('canary.engineCheck.error') };
    case 'inconclusive':
      return { state: 'hold', word: t('canary.engineCheck.inconclusive') };
    default:
      return { state: 'wait', word: t('canary.engineCheck.running') };
  }
}
