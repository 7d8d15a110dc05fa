// SPDX-License-Identifier: Apache-2.0
import { Text } from '@backstage/ui';
import type {
  PipelineView,
  RoadCell,
  RoadRow,
  StageView,
} from '@causeway/plugin-delivery-common';
import { StateShape } from '../state/StateMark';
import { Age } from '../time/Moment';
import { staleStateOf } from '../state/vocabulary';
import { useDeliveryTranslation, type Translate } from '../translation';
import { columnsOf } from './railColumns';
import styles from './Road.module.css';

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
      <ol className={styles.rows}>
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
  const { t } = useDeliveryTranslation();
  const { stages, isOld } = props;
  const row = isOld ? oldRow(props.row, stages, t) : props.row;
  // The name of the release stands in the first column, so a local stage needs no cell of its own.
  const [first, ...rest] = stages;
  const nextIndex = rest.findIndex(stage => isPlanned(cellOf(row, stage)));
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
        <Cell
          key={stage.name}
          stage={stage}
          cell={cellOf(row, stage)}
          isNext={index === nextIndex}
        />
      ))}
    </li>
  );
}

function Cell(props: { stage: StageView; cell?: RoadCell; isNext: boolean }) {
  const { stage, cell, isNext } = props;
  const isEmpty = !cell || isPassedBy(cell) || (isPlanned(cell) && !isNext);
  return (
    <div
      className={styles.cell}
      data-line={isEmpty ? undefined : lineOf(cell)}
      data-empty={isEmpty ? '' : undefined}
      data-minor={isMinor(stage, cell) ? '' : undefined}
    >
      <CellText stage={stage} cell={isEmpty ? undefined : cell} />
    </div>
  );
}

function CellText(props: { stage: StageView; cell?: RoadCell }) {
  const { t } = useDeliveryTranslation();
  const { stage, cell } = props;
  if (!cell) {
    return (
      <>
        <span className={styles.stageName}>{stage.title}: </span>
        <span className={styles.quiet} aria-hidden="true">
          –
        </span>
        <span className={styles.hidden}>{t('road.notHere')}</span>
      </>
    );
  }
  return (
    <span className={styles.cellText}>
      <StateShape state={cell.state.key} />
      <span>
        <span className={styles.stageName}>{stage.title}: </span>
        {cell.state.word}
        <span className={styles.detail}>
          {cell.at && <Age since={cell.at} as="ago" />}
          {cell.at && cell.state.detail && ', '}
          {cell.state.detail}
        </span>
      </span>
    </span>
  );
}

/** What was read too long ago is told as what was; that CI verified a release stays true. */
function oldRow(
  row: RoadRow,
  stages: readonly StageView[],
  t: Translate,
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

/** A stage the release has not reached: only the nearest one is worth a mark. */
function isPlanned(cell: RoadCell | undefined): boolean {
  return cell?.state.key === 'todo';
}

/** What a narrow page leaves out: where the release is no more or not yet, and that CI passed. */
function isMinor(stage: StageView, cell: RoadCell | undefined): boolean {
  if (!cell) return true;
  if (stage.kind === 'ci') return cell.state.key === 'ok';
  const isPlace = cell.state.key !== 'skip' && cell.state.key !== 'todo';
  return !isPlace;
}

/** A stage the release never was in, and a newer one is. */
function isPassedBy(cell: RoadCell): boolean {
  return cell.state.key === 'skip' && cell.at === undefined;
}

/** How the line under a cell is drawn. Only what is known to be there now is green. */
function lineOf(cell: RoadCell): 'done' | 'run' | 'stop' | 'next' | 'past' {
  switch (cell.state.key) {
    case 'ok':
      return 'done';
    case 'run':
      return 'run';
    case 'bad':
      return 'stop';
    case 'todo':
    case 'wait':
    case 'you':
      return 'next';
    default:
      return 'past';
  }
}
