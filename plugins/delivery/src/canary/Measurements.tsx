// SPDX-License-Identifier: Apache-2.0
import { ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import type {
  CanaryMinuteView,
  CanaryView,
} from '@causeway/plugin-delivery-common';
import { useId, useState } from 'react';
import { ActionButton } from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation } from '../translation';
import styles from './CanaryPanel.module.css';
import { ChartKey, MetricChart } from './MetricChart';
import charts from './MetricChart.module.css';
import { idOf, metricsOf, quantiles, type Quantile } from './metrics';
import { MinutesTable } from './MinutesTable';

/** What was measured of the canary and of the baseline, as charts or as a table. */
export function Measurements(props: {
  limits: CanaryView['limits'];
  minutes: readonly CanaryMinuteView[];
  /** Numbers of the minutes that the judge left out. */
  leftOut: readonly number[];
  /** When the present step ends. */
  until?: string;
}) {
  const { t } = useDeliveryTranslation();
  const { limits, minutes, leftOut, until } = props;
  const [quantile, setQuantile] = useState<Quantile>('p95');
  const [isTable, setTable] = useState(false);
  const titleId = useId();
  const metrics = metricsOf(limits, quantile);
  return (
    <section className={styles.part} aria-labelledby={titleId}>
      <header className={styles.header}>
        <h3 id={titleId}>{t('canary.measured.title')}</h3>
        {minutes.length > 0 && (
          <span className={styles.choices}>
            <ToggleButtonGroup
              className={styles.quantiles}
              aria-label={t('canary.measured.quantile')}
              selectionMode="single"
              disallowEmptySelection
              selectedKeys={[quantile]}
              onSelectionChange={keys =>
                setQuantile(quantiles.find(each => keys.has(each)) ?? quantile)
              }
            >
              {quantiles.map(each => (
                <ToggleButton key={each} id={each} size="small">
                  {each.toUpperCase()}
                </ToggleButton>
              ))}
            </ToggleButtonGroup>
            <ActionButton
              size="small"
              variant="secondary"
              onPress={() => setTable(!isTable)}
            >
              {t(
                isTable
                  ? 'canary.measured.asCharts'
                  : 'canary.measured.asTable',
              )}
            </ActionButton>
          </span>
        )}
      </header>
      {minutes.length === 0 && (
        <p className={styles.quiet}>{t('canary.measured.nothing')}</p>
      )}
      {minutes.length > 0 && isTable && (
        <MinutesTable
          minutes={minutes}
          metrics={metrics}
          quantile={quantile}
          leftOut={leftOut}
        />
      )}
      {minutes.length > 0 && !isTable && (
        <>
          <div className={charts.charts}>
            {metrics.map(metric => (
              <MetricChart
                key={idOf(metric)}
                metric={metric}
                quantile={quantile}
                limits={limits}
                minutes={minutes}
                leftOut={leftOut}
                until={until}
              />
            ))}
          </div>
          <ChartKey hasLeftOut={leftOut.length > 0} />
        </>
      )}
    </section>
  );
}
