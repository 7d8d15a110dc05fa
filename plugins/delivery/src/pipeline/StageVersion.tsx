// SPDX-License-Identifier: Apache-2.0
import type { StageView, State } from '@causeway/plugin-delivery-common';
import { Age, Moment } from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation, type Translate } from '../translation';
import styles from './StageRail.module.css';

/** The version of a stage and how old that knowledge is. */
export function StageVersion(props: { stage: StageView; state: State }) {
  const { t } = useDeliveryTranslation();
  const { stage, state } = props;
  const change = changeOf(stage, t);
  const isQuiet =
    !isLiveKnowledge(stage) || ['stale', 'never', 'lock'].includes(state.key);
  return (
    <>
      <div className={styles.number} data-quiet={isQuiet ? '' : undefined}>
        {stage.release?.version ?? t('stage.nothing')}
        {change && <span className={styles.replaces}>{change}</span>}
      </div>
      <p className={styles.quiet}>
        <StageAge stage={stage} state={state} />
      </p>
    </>
  );
}

/** What the version of a stage makes room for, or has just replaced. */
function changeOf(
  { active, release }: StageView,
  t: Translate,
): string | undefined {
  if (!active || active.phase === 'waiting' || !release) return undefined;
  const { version } = active.release;
  if (release.version !== version) return t('promotion.takesOver', { version });
  return (
    active.replaces &&
    t('promotion.replaces', { version: active.replaces.version })
  );
}

function StageAge(props: { stage: StageView; state: State }) {
  const { t } = useDeliveryTranslation();
  const { stage, state } = props;
  const { since, seenAt, release } = stage;
  const isDeployed = stage.kind === 'cloud' || stage.kind === 'edge';
  if (!release) return isDeployed ? <>{t('stage.neverDeployed')}</> : null;
  if (state.key === 'stale' && seenAt) {
    return (
      <>
        {t('stage.wasSeen')} <Moment at={seenAt} />
      </>
    );
  }
  if (seenAt && !isLiveKnowledge(stage)) {
    return <Age since={seenAt} as="lastSeen" />;
  }
  if (!isDeployed) {
    return (
      <>
        {release.commit}
        {release.commit && since && ', '}
        {since && <Age since={since} as="ago" />}
      </>
    );
  }
  return (
    <>
      {since && <Age since={since} as="for" />}
      {since && seenAt && ', '}
      {seenAt && <Age since={seenAt} as="seen" />}
    </>
  );
}

/** Whether every target of a stage is heard from; otherwise what is shown is the last word. */
export function isLiveKnowledge(stage: StageView): boolean {
  return stage.targets.every(target => target.freshness.state === 'live');
}
