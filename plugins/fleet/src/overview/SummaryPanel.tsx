// SPDX-License-Identifier: Apache-2.0
import {
  axisStates,
  type AxisName,
  type FleetSummary,
} from '@causeway/plugin-delivery-common';
import { StateShape, toneOf } from '@causeway/plugin-delivery-react';
import { toggleValue } from '../search/fleetSearch';
import type { FleetSearchControl } from '../search/useFleetSearch';
import { markOf, wordOf } from '../state/axisMarks';
import { useFleetTranslation } from '../translation';
import styles from './SummaryPanel.module.css';

const axes: readonly AxisName[] = [
  'connectivity',
  'health',
  'update',
  'applications',
];

/** Counts of the whole fleet by axis; each is a filter. What is zero has no mark and no place. */
export function SummaryPanel(props: {
  summary: FleetSummary;
  search: FleetSearchControl;
}) {
  const { t } = useFleetTranslation();
  const { summary, search } = props;
  const { hold, isolation } = summary.axes;
  const kept = [
    ...(hold.device + hold.operator > 0 ? (['hold'] as const) : []),
    ...(isolation.cordoned + isolation.quarantined > 0
      ? (['isolation'] as const)
      : []),
  ];
  return (
    <section className={styles.axes} aria-label={t('summary.label')}>
      {[...axes, ...kept].map(axis => (
        <Axis
          key={axis}
          axis={axis}
          counts={summary.axes[axis]}
          search={search}
        />
      ))}
    </section>
  );
}

function Axis(props: {
  axis: AxisName;
  counts: Readonly<Record<string, number>>;
  search: FleetSearchControl;
}) {
  const { t } = useFleetTranslation();
  const { axis, counts, search } = props;
  const chosen: readonly string[] = search.filter[axis] ?? [];
  const present = axisStates[axis].filter(
    state => counts[state] > 0 || chosen.includes(state),
  );
  return (
    <div className={styles.axis} role="group" aria-label={t(`axis.${axis}`)}>
      <b>{t(`axis.${axis}`)}</b>
      <div className={styles.bar} aria-hidden="true">
        {present.map(state => (
          <i
            key={state}
            style={{ flexGrow: counts[state] }}
            data-mark={markOf(axis, state)}
            data-tone={toneOf[markOf(axis, state) ?? 'todo']}
          />
        ))}
      </div>
      <div className={styles.counts}>
        {present.map(state => (
          <Count
            key={state}
            axis={axis}
            state={state}
            count={counts[state]}
            isChosen={chosen.includes(state)}
            onToggle={() =>
              search.setFilter(toggleValue(search.filter, axis, state))
            }
          />
        ))}
      </div>
    </div>
  );
}

function Count(props: {
  axis: AxisName;
  state: string;
  count: number;
  isChosen: boolean;
  onToggle: () => void;
}) {
  const { t } = useFleetTranslation();
  const { axis, state, count, isChosen, onToggle } = props;
  const mark = markOf(axis, state);
  return (
    <button
      type="button"
      className={styles.count}
      aria-pressed={isChosen}
      onClick={onToggle}
    >
      {mark && <StateShape state={mark} />}
      <b>{t('number', { number: count })}</b> {wordOf(axis, state, t)}
    </button>
  );
}
