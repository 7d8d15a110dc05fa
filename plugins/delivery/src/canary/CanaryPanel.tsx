// SPDX-License-Identifier: Apache-2.0
import {
  Skeleton,
  Tab,
  TabList,
  TabPanel,
  Tabs,
  VisuallyHidden,
} from '@backstage/ui';
import type {
  CanaryView,
  PromotionView,
} from '@causeway/plugin-delivery-common';
import { useId } from 'react';
import {
  Age,
  ClockAhead,
  Delayed,
  OldDataNotice,
  ProblemPanel,
  type Reading,
  useClock,
} from '@causeway/plugin-delivery-react';
import { READ_CANARY_EVERY, useCanary } from '../data/queries';
import { useDeliveryTranslation } from '../translation';
import { CanaryActions } from './CanaryActions';
import { CanaryMark } from './CanaryMark';
import styles from './CanaryPanel.module.css';
import { CanaryTarget } from './CanaryTarget';
import { CanaryWords } from './CanaryWords';
import { PastCanaries } from './PastCanaries';

/** A running canary that was not read for three expected intervals no longer counts as what is. */
const OLD_AFTER = 3 * READ_CANARY_EVERY;

/** The canary of a promotion: what it does, whether it may go on and why, and the ways to steer it. */
export function CanaryPanel(props: { promotion: PromotionView }) {
  const { t } = useDeliveryTranslation();
  const { promotion } = props;
  const { release, replaces } = promotion;
  const { reading, serverAhead } = useCanary(promotion.id);
  const view = reading.status === 'ready' ? reading.value : undefined;
  const isRunning = view !== undefined && view.outcome === undefined;
  const readAt = reading.status === 'ready' ? reading.readAt : Infinity;
  const isLate = useClock(now => now - readAt > OLD_AFTER);
  const isOld = isRunning && isLate;
  const stage = promotion.stageTitle ?? promotion.stage;
  const titleId = useId();
  return (
    <section
      className={styles.panel}
      aria-labelledby={titleId}
      data-running={isRunning && !isOld ? '' : undefined}
    >
      <header className={styles.header}>
        <h2 id={titleId}>
          {replaces
            ? t('canary.title', {
                version: release.version,
                before: replaces.version,
              })
            : t('canary.titleFirst', { version: release.version })}
        </h2>
        {view && (
          <ClockAhead by={serverAhead}>
            <CanaryMark view={view} stage={stage} isOld={isOld} />
          </ClockAhead>
        )}
        <span className={styles.quiet}>{stage}</span>
        {view && (
          <span className={styles.age}>
            <Age since={new Date(readAt).toISOString()} as="read" />
          </span>
        )}
      </header>
      <Body
        promotion={promotion}
        reading={reading}
        serverAhead={serverAhead}
        isOld={isOld}
      />
    </section>
  );
}

function Body(props: {
  promotion: PromotionView;
  reading: Reading<CanaryView>;
  serverAhead: number;
  isOld: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const { promotion, reading, serverAhead, isOld } = props;
  switch (reading.status) {
    case 'loading':
      return (
        <div className={styles.loading} role="status">
          <VisuallyHidden>{t('canary.loading')}</VisuallyHidden>
          <Delayed>
            <Skeleton width="70%" height={24} />
            <Skeleton width="100%" height={56} />
            <Skeleton width="100%" height={180} />
          </Delayed>
        </div>
      );
    case 'failed':
      return (
        <ProblemPanel
          title={t('canary.problem')}
          problem={reading.problem}
          onRetry={reading.retry}
        />
      );
    default:
      return (
        <>
          <p className={styles.headline}>{reading.value.headline}</p>
          {reading.problem && (
            <OldDataNotice
              problem={reading.problem}
              readAt={reading.readAt}
              onRetry={reading.retry}
            />
          )}
          <ClockAhead by={serverAhead}>
            <Known promotion={promotion} view={reading.value} isOld={isOld} />
          </ClockAhead>
        </>
      );
  }
}

function Known(props: {
  promotion: PromotionView;
  view: CanaryView;
  isOld: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const { promotion, view, isOld } = props;
  return (
    <>
      {view.actions.length > 0 && (
        <CanaryActions
          promotion={promotion.id}
          version={promotion.release.version}
          actions={view.actions}
        />
      )}
      {view.targets.length === 0 && (
        <p className={styles.quiet}>{t('canary.none')}</p>
      )}
      <Targets view={view} isOld={isOld} />
      <div className={styles.two}>
        <PastCanaries past={view.past} />
        <CanaryWords words={view.words} />
      </div>
    </>
  );
}

/** One cluster as it is, several as tabs. */
function Targets(props: { view: CanaryView; isOld: boolean }) {
  const { t } = useDeliveryTranslation();
  const { view, isOld } = props;
  const { targets } = view;
  if (targets.length < 2) {
    return (
      <>
        {targets.map(target => (
          <CanaryTarget
            key={target.target}
            view={view}
            target={target}
            isOld={isOld}
          />
        ))}
      </>
    );
  }
  return (
    <Tabs className={styles.tabs}>
      <TabList aria-label={t('canary.targets')}>
        {targets.map(({ target, cluster, workload }) => (
          <Tab key={target} id={target}>
            {targets.filter(other => other.cluster === cluster).length > 1
              ? `${cluster}, ${workload}`
              : cluster}
          </Tab>
        ))}
      </TabList>
      {targets.map(target => (
        <TabPanel key={target.target} id={target.target}>
          <div className={styles.tab}>
            <CanaryTarget view={view} target={target} isOld={isOld} />
          </div>
        </TabPanel>
      ))}
    </Tabs>
  );
}
