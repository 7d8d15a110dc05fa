// SPDX-License-Identifier: Apache-2.0
import type { StageView, State } from '@causeway/plugin-delivery-common';
import {
  RiCloudLine,
  RiComputerLine,
  RiCpuLine,
  RiGitBranchLine,
} from '@remixicon/react';
import type { ReactElement } from 'react';
import { StateShape, toneOf } from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation } from '../translation';
import { actionOf } from './nextStep';
import styles from './StageRail.module.css';

const icons: Record<StageView['kind'], ReactElement> = {
  local: <RiComputerLine size={16} aria-hidden />,
  ci: <RiGitBranchLine size={16} aria-hidden />,
  cloud: <RiCloudLine size={16} aria-hidden />,
  edge: <RiCpuLine size={16} aria-hidden />,
};

/** The point of a stage on the road, and the road to the next one with the gates in between. */
export function StageTrack(props: {
  stage: StageView;
  state: State;
  after?: StageView;
  isOld: boolean;
}) {
  const { stage, state, after, isOld } = props;
  return (
    <div className={styles.track}>
      <span className={styles.point} data-tone={toneOf[state.key]}>
        {icons[stage.kind]}
      </span>
      {after && <Road to={after} isOld={isOld} />}
    </div>
  );
}

function Road(props: { to: StageView; isOld: boolean }) {
  const { t } = useDeliveryTranslation();
  const { to, isOld } = props;
  const open = to.candidate
    ? to.gates.filter(
        gate => gate.verdict === 'waiting' || gate.verdict === 'failed',
      )
    : [];
  if (open.length === 0) {
    return (
      <span className={styles.road} data-road={isOld ? 'shut' : roadTo(to)} />
    );
  }
  const isMine = actionOf(to, 'approve')?.allowed === true;
  return (
    <>
      <span className={styles.road} data-road="shut" />
      <span
        className={styles.pill}
        data-tone={isMine ? 'you' : 'quiet'}
        title={t('rail.openTitle', { count: open.length, stage: to.title })}
      >
        <StateShape state={isMine ? 'you' : 'wait'} size={12} />
        {t('rail.open', { count: open.length })}
      </span>
      <span className={styles.road} data-road="shut" />
    </>
  );
}

/** How the road to a stage is drawn: moving, travelled, or shut because nothing is known or there. */
function roadTo(stage: StageView): 'run' | 'done' | 'shut' {
  switch (stage.state.key) {
    case 'run':
      return 'run';
    case 'bad':
    case 'stale':
    case 'never':
    case 'lock':
      return 'shut';
    default:
      return stage.release ? 'done' : 'shut';
  }
}
