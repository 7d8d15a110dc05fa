// SPDX-License-Identifier: Apache-2.0
import type { FleetSummary } from '@causeway/plugin-delivery-common';
import { Age } from '@causeway/plugin-delivery-react';
import { useFleetSummary } from '../data/queries';
import { FleetLink } from '../FleetLink';
import { Loaded } from '../Loaded';
import { useFleetSearch } from '../search/useFleetSearch';
import { DevicePanel } from '../table/DevicePanel';
import { useFleetTranslation } from '../translation';
import { useFleetLinks } from '../useFleetLinks';
import { ActiveFilters } from './ActiveFilters';
import { FilterBar } from './FilterBar';
import styles from './Fleet.module.css';
import { Notices } from './Notices';
import { SitesPanel } from './SitesPanel';
import { SummaryPanel } from './SummaryPanel';

/** The whole fleet: what is wrong, and where. Map and table show the same devices. */
export function FleetPage() {
  const { t } = useFleetTranslation();
  return (
    <main className={styles.page}>
      <Loaded reading={useFleetSummary()} loading={t('page.loading')}>
        {(summary, readAt) => <Fleet summary={summary} readAt={readAt} />}
      </Loaded>
    </main>
  );
}

function Fleet(props: { summary: FleetSummary; readAt: number }) {
  const { t } = useFleetTranslation();
  const { summary, readAt } = props;
  const search = useFleetSearch();
  const links = useFleetLinks();
  const { layout } = search;
  return (
    <>
      <p className={styles.headline}>
        <b>
          {t('page.count', {
            devices: t('page.devices', { count: summary.devices }),
            sites: t('page.sites', { count: summary.sites }),
          })}
        </b>
        {', '}
        <Age since={new Date(readAt).toISOString()} as="read" />
        {summary.oldestSeen && (
          <>
            {'; '}
            {t('page.oldest')} <Age since={summary.oldestSeen} as="lastSeen" />
          </>
        )}
        {'. '}
        <FleetLink to={links.actions()}>{t('action.queue')}</FleetLink>
        {' · '}
        <FleetLink to={links.waves()}>{t('wave.waves')}</FleetLink>
        {' · '}
        <FleetLink to={links.drills()}>{t('drill.drills')}</FleetLink>
      </p>
      <Notices summary={summary} onFilter={search.setFilter} />
      {summary.devices === 0 ? (
        <section className={styles.card}>
          <h2 className={styles.title}>{t('page.empty')}</h2>
          <p className={styles.quiet}>{t('page.emptyExplain')}</p>
        </section>
      ) : (
        <>
          <SummaryPanel summary={summary} search={search} />
          <FilterBar summary={summary} search={search} />
          <ActiveFilters summary={summary} search={search} />
          <div className={styles.twins} data-layout={layout}>
            {layout !== 'table' && <SitesPanel search={search} />}
            {layout !== 'map' && <DevicePanel search={search} />}
          </div>
        </>
      )}
    </>
  );
}
