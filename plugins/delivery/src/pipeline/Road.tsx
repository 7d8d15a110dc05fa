// SPDX-License-Identifier: Apache-2.0
import { Text } from '@backstage/ui';
import type {
  PipelineView,
  RoadCell,
  RoadRow,
  StageView,
} from '@causeway/plugin-delivery-common';
import {
  staleStateOf,
  useSharedTranslation,
  type SharedTranslate,
} from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation } from '../translation';
import { columnsOf, widestOf } from './railColumns';
import styles from './Road.module.css';
import { CellText, isPlanned, isReached, RoadCellView } from './RoadCellView';

/** Each recent release as a line under the rail, ending where it has arrived. */
export function Road(props: { pipeline: PipelineView; isOld: boolean }) {
  const { t } = useDeliveryTranslation();
  const { road, stages } = props.pipeline;
  return (
    <section className={styles.card} aria-labelledby="delivery-road">
      <header className={styles.header}>
        <Text as="h2" id="delivery-road" variant="body-large" weight="bold">
          {t('road.title')}
        </Text>
        <span className={styles.quiet}>
          {road.length > 0
            ? t('road.explain', { count: road.length })
            : t('road.none')}
        </span>
      </header>
      <ol
        className={styles.rows}
        style={{ ['--widest' as string]: widestOf(stages) }}
      >
        {road.map(row => (
          <Row
            key={row.release.id ?? row.release.version}
            row={row}
            stages={stages}
            isOld={props.isOld}
          />
        ))}
      </ol>
    </section>
  );
}

function Row(props: {
  row: RoadRow;
  stages: readonly StageView[];
  isOld: boolean;
}) {
  const { t: shared } = useSharedTranslation();
  const { stages, isOld } = props;
  const row = isOld ? oldRow(props.row, stages, shared) : props.row;
  // The name of the release stands in the first column, so a local stage needs no cell of its own.
  const [first, ...rest] = stages;
  const nextIndex = rest.findIndex(stage => isPlanned(cellOf(row, stage)));
  const lastIndex = rest.findLastIndex(stage => isReached(cellOf(row, stage)));
  return (
    <li
      className={styles.row}
      style={{ ['--columns' as string]: columnsOf(stages) }}
    >
      <div className={styles.release}>
        <b>{row.release.version}</b>{' '}
        <span className={styles.commit}>{row.release.commit}</span>
        <span className={styles.message}>{row.release.message}</span>
        {first && first.kind !== 'local' && (
          <CellText stage={first} cell={cellOf(row, first)} />
        )}
      </div>
      {rest.map((stage, index) => (
        <RoadCellView
          key={stage.name}
          stage={stage}
          cell={cellOf(row, stage)}
          isNext={index === nextIndex}
          isOnTheWay={index < lastIndex}
        />
      ))}
    </li>
  );
}

/** What was read too long ago is told as what was; that CI verified a release stays true. */
function oldRow(
  row: RoadRow,
  stages: readonly StageView[],
  t: SharedTranslate,
): RoadRow {
  const lasting = stages.find(stage => stage.kind === 'ci')?.name;
  return {
    ...row,
    cells: row.cells.map(cell =>
      cell.stage === lasting
        ? cell
        : { ...cell, state: staleStateOf(cell.state, t) },
    ),
  };
}

function cellOf(row: RoadRow, stage: StageView): RoadCell | undefined {
  return row.cells.find(cell => cell.stage === stage.name);
}
