// SPDX-License-Identifier: Apache-2.0
import type { RoadCell, StageView } from '@causeway/plugin-delivery-common';
import { Age, StateShape, toneOf } from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation } from '../translation';
import styles from './Road.module.css';

/** One stage of a release's line. */
export function RoadCellView(props: {
  stage: StageView;
  cell?: RoadCell;
  isNext: boolean;
  /** The release has come further than this. */
  isOnTheWay: boolean;
}) {
  const { stage, cell, isNext, isOnTheWay } = props;
  const isEmpty = !cell || isPassedBy(cell) || (isPlanned(cell) && !isNext);
  const emptyLine = isOnTheWay ? 'past' : undefined;
  return (
    <div
      className={styles.cell}
      data-line={isEmpty ? emptyLine : lineOf(cell)}
      data-empty={isEmpty ? '' : undefined}
      data-minor={isMinor(stage, cell) ? '' : undefined}
    >
      <CellText stage={stage} cell={isEmpty ? undefined : cell} />
    </div>
  );
}

/** What a cell says; on a narrow page with the name of its stage. */
export function CellText(props: { stage: StageView; cell?: RoadCell }) {
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
  const detail =
    toneOf[cell.state.key] === 'bad' ? cell.state.detail : undefined;
  return (
    <span className={styles.cellText}>
      <StateShape state={cell.state.key} />
      <span>
        <span className={styles.stageName}>{stage.title}: </span>
        {cell.state.word}
        <span className={styles.detail}>
          {cell.at && <Age since={cell.at} as="ago" />}
          {cell.at && detail && ', '}
          {detail}
        </span>
      </span>
    </span>
  );
}

/** A stage the release has not reached: only the nearest one is worth a mark. */
export function isPlanned(cell: RoadCell | undefined): boolean {
  return cell?.state.key === 'todo';
}

/** What a narrow page leaves out: where the release is no more or not yet, and that CI passed. */
function isMinor(stage: StageView, cell: RoadCell | undefined): boolean {
  if (!cell) return true;
  if (stage.kind === 'ci') return cell.state.key === 'ok';
  const isPlace = cell.state.key !== 'skip' && cell.state.key !== 'todo';
  return !isPlace;
}

/** The release is, was or moves here: the line of its way leads this far. */
export function isReached(cell: RoadCell | undefined): boolean {
  return cell !== undefined && !isPlanned(cell) && !isPassedBy(cell);
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
