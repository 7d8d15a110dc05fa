// SPDX-License-Identifier: Apache-2.0
import type { StageView, StateKey } from '@causeway/plugin-delivery-common';
import { StateShape } from '../state/StateMark';
import { Age } from '../time/Moment';
import { useDeliveryTranslation } from '../translation';
import styles from './StageRail.module.css';

type Target = StageView['targets'][number];

/**
 * What runs in each target of a stage. A single live target is told by the stage itself; several,
 * or one that cannot be believed, are listed with how far each can be.
 */
export function TargetList(props: {
  targets: readonly Target[];
  stageSeenAt?: string;
  isOld: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const { targets, isOld } = props;
  const isTold =
    targets.length === 0 ||
    (targets.length === 1 && targets[0].freshness.state === 'live');
  if (isTold) return null;
  return (
    <ul className={styles.targets} aria-label={t('stage.targets')}>
      {targets.map(target => (
        <li key={`${target.cluster}/${target.name}`}>
          <StateShape state={shapeOf(target, isOld)} />
          <span>
            {target.name} {target.version && <b>{target.version}</b>}
            <span className={styles.quiet}>
              <TargetFreshness target={target} />
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function TargetFreshness(props: { target: Target }) {
  const { t } = useDeliveryTranslation();
  const { freshness, message } = props.target;
  if (freshness.state === 'live') {
    return (
      <>
        {message && `${message}, `}
        {freshness.seenAt && <Age since={freshness.seenAt} as="seen" />}
      </>
    );
  }
  return (
    <>
      {t(`freshness.${freshness.state}`)}
      {freshness.seenAt && (
        <>
          , <Age since={freshness.seenAt} as="lastSeen" />
        </>
      )}
      {freshness.problem && `. ${freshness.problem}`}
    </>
  );
}

/** The mark of a target: its health while it is live, otherwise what is wrong with knowing it. */
function shapeOf(target: Target, isOld: boolean): StateKey {
  switch (target.freshness.state) {
    case 'never':
      return 'never';
    case 'forbidden':
      return 'lock';
    case 'unreachable':
      return 'bad';
    case 'stale':
      return 'stale';
    default:
      return isOld ? 'stale' : healthShape(target.health);
  }
}

function healthShape(health: Target['health']): StateKey {
  switch (health) {
    case 'healthy':
      return 'ok';
    case 'progressing':
      return 'run';
    case 'degraded':
      return 'warn';
    case 'missing':
      return 'never';
    default:
      return 'never';
  }
}
