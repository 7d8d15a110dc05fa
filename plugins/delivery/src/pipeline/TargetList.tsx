// SPDX-License-Identifier: Apache-2.0
import type { StageView, StateKey } from '@causeway/plugin-delivery-common';
import {
  Age,
  StateShape,
  useSharedTranslation,
} from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation } from '../translation';
import styles from './StageRail.module.css';

type Target = StageView['targets'][number];

/**
 * What runs in each target of a stage. A single live target is told by the stage itself; several,
 * or one that cannot be believed, are listed with how far each can be.
 */
export function TargetList(props: {
  targets: readonly Target[];
  /** What the stage already says about why it can not be believed. */
  told?: string;
  isOld: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const { targets, told, isOld } = props;
  const isTold =
    targets.length === 0 ||
    (targets.length === 1 && targets[0].freshness.state === 'live');
  if (isTold) return null;
  const names = shortNames(targets.map(target => target.name));
  return (
    <ul className={styles.targets} aria-label={t('stage.targets')}>
      {targets.map((target, index) => (
        <li key={`${target.cluster}/${target.name}`}>
          <StateShape state={shapeOf(target, isOld)} />
          <span>
            <span title={`${target.name}, ${target.cluster}`}>
              {names[index]}
            </span>{' '}
            {target.version && <b>{target.version}</b>}
            <span className={styles.quiet}>
              <TargetFreshness target={target} told={told} />
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function TargetFreshness(props: { target: Target; told?: string }) {
  const { t: shared } = useSharedTranslation();
  const { freshness, message } = props.target;
  if (freshness.state === 'live') {
    return (
      <>
        {message && `${message.replace(/\.$/, '')}, `}
        {freshness.seenAt && <Age since={freshness.seenAt} as="seen" />}
      </>
    );
  }
  const isNews =
    freshness.problem !== undefined && !props.told?.includes(freshness.problem);
  return (
    <>
      {shared(`freshness.${freshness.state}`)}
      {freshness.seenAt && (
        <>
          , <Age since={freshness.seenAt} as="lastSeen" />
        </>
      )}
      {isNews && `. ${freshness.problem}`}
    </>
  );
}

/** Names without the beginning that all of them share: of one service, only the variant differs. */
function shortNames(names: readonly string[]): readonly string[] {
  if (names.length < 2) return names;
  const parts = names.map(name => name.split('-'));
  const shared = parts[0].findIndex((part, index) =>
    parts.some(other => other[index] !== part || index === other.length - 1),
  );
  return parts.map(each => each.slice(Math.max(0, shared)).join('-'));
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
