// SPDX-License-Identifier: Apache-2.0
import { Box } from '@backstage/ui';
import type { CanaryMinuteView } from '@causeway/plugin-delivery-common';
import { useState } from 'react';
import { ActionButton, Moment } from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation } from '../translation';
import tables from './CanaryTable.module.css';
import { metricName, unitName } from './chartSummary';
import {
  idOf,
  ofCanary,
  sayNumber,
  type Metric,
  type Quantile,
} from './metrics';

/** Minutes that are shown before somebody asks for all. */
const SHOWN_FIRST = 60;

/** The same numbers as in the charts, minute by minute, newest first. */
export function MinutesTable(props: {
  minutes: readonly CanaryMinuteView[];
  metrics: readonly Metric[];
  quantile: Quantile;
  leftOut: readonly number[];
}) {
  const { t } = useDeliveryTranslation();
  const { minutes, metrics, quantile, leftOut } = props;
  const [isWhole, setWhole] = useState(false);
  const newest = [...minutes].reverse();
  const shown = isWhole ? newest : newest.slice(0, SHOWN_FIRST);
  return (
    <>
      <Box
        className={tables.scroll}
        role="region"
        aria-label={t('canary.measured.table')}
        // A region that scrolls must be reached by the keyboard too.
        tabIndex={0}
      >
        <table className={tables.table}>
          <caption className={tables.caption}>
            {t('canary.measured.table')}
          </caption>
          <thead>
            <tr>
              <th scope="col" rowSpan={2}>
                {t('canary.measured.minute')}
              </th>
              <th scope="col" rowSpan={2} className={tables.right}>
                {t('canary.measured.weight')}
              </th>
              {metrics.map(metric => (
                <th key={idOf(metric)} scope="colgroup" colSpan={2}>
                  {t('canary.measured.unit', {
                    metric: metricName(metric, quantile, t),
                    unit: unitName(metric, t),
                  })}
                </th>
              ))}
              <th scope="col" rowSpan={2}>
                {t('canary.measured.heard')}
              </th>
            </tr>
            <tr>
              {metrics.flatMap(metric =>
                (['canary', 'baseline'] as const).map(arm => (
                  <th
                    key={idOf(metric) + arm}
                    scope="col"
                    className={tables.right}
                  >
                    {t(`canary.measured.${arm}`)}
                  </th>
                )),
              )}
            </tr>
          </thead>
          <tbody>
            {shown.map(minute => (
              <MinuteRow
                key={minute.minute}
                minute={minute}
                metrics={metrics}
                isLeftOut={leftOut.includes(minute.minute)}
              />
            ))}
          </tbody>
        </table>
      </Box>
      {shown.length < newest.length && (
        <div>
          <ActionButton
            size="small"
            variant="secondary"
            onPress={() => setWhole(true)}
          >
            {t('canary.measured.all', { minutes: String(newest.length) })}
          </ActionButton>
        </div>
      )}
    </>
  );
}

function MinuteRow(props: {
  minute: CanaryMinuteView;
  metrics: readonly Metric[];
  isLeftOut: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const { minute, metrics, isLeftOut } = props;
  return (
    <tr data-left-out={isLeftOut ? '' : undefined}>
      <th scope="row">
        <Moment at={minute.at} />
      </th>
      <td className={tables.right}>{minute.weight} %</td>
      {metrics.flatMap(metric =>
        (['canary', 'baseline'] as const).map(arm => {
          const value =
            arm === 'canary'
              ? ofCanary(metric, minute)
              : metric.of(minute.baseline);
          return (
            <td key={idOf(metric) + arm} className={tables.right}>
              {value === undefined
                ? t('canary.measured.notHeard')
                : sayNumber(value)}
            </td>
          );
        }),
      )}
      <td className={tables.nowrap}>
        {t(
          isLeftOut ? 'canary.measured.notCounted' : 'canary.measured.counted',
        )}
      </td>
    </tr>
  );
}
