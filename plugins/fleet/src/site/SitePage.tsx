// SPDX-License-Identifier: Apache-2.0
import { Alert } from '@backstage/ui';
import {
  axisNames,
  axisStates,
  type AxisName,
  type FleetFilter,
  type FleetSite,
  type FleetSort,
} from '@causeway/plugin-delivery-common';
import { Age, StateShape } from '@causeway/plugin-delivery-react';
import { useState } from 'react';
import { Breadcrumb } from '../Breadcrumb';
import { useFleetDevices, useFleetSite } from '../data/queries';
import { FleetLink } from '../FleetLink';
import { Loaded } from '../Loaded';
import styles from '../Page.module.css';
import { USUAL_SORT } from '../search/fleetSearch';
import { markOf, wordOf } from '../state/axisMarks';
import { DeviceTable } from '../table/DeviceTable';
import tableStyles from '../table/DeviceTable.module.css';
import { useFleetTranslation } from '../translation';
import { useFleetLinks } from '../useFleetLinks';

/** One site: what is wrong there, and its devices. */
export function SitePage(props: { cluster: string; site: string }) {
  const { t } = useFleetTranslation();
  const { cluster, site } = props;
  return (
    <main className={styles.page}>
      <Loaded
        reading={useFleetSite({ cluster, site })}
        loading={t('site.loading')}
      >
        {(view, readAt) => (
          <Site site={view} cluster={cluster} readAt={readAt} />
        )}
      </Loaded>
    </main>
  );
}

function Site(props: { site: FleetSite; cluster: string; readAt: number }) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const { site, cluster, readAt } = props;
  const filter: FleetFilter = { site: [`${cluster}/${site.site}`] };
  return (
    <>
      <Breadcrumb here={site.name} />
      <header className={styles.top}>
        <h1>{site.name}</h1>
        <span className={styles.tag}>
          {t('page.devices', { count: site.devices })}
        </span>
        {site.clusters.map(name => (
          <span key={name} className={styles.tag}>
            {name}
          </span>
        ))}
        <span className={styles.quiet}>
          <Age since={new Date(readAt).toISOString()} as="read" />
        </span>
      </header>
      <p className={styles.quiet}>
        {site.owner && `${t('site.owner')}: ${site.owner}. `}
        {site.hardware
          .map(({ title, devices }) =>
            t('filter.option', { name: title, number: devices }),
          )
          .join(', ')}{' '}
        {site.longitude === undefined || site.latitude === undefined ? (
          t('site.noPlace')
        ) : (
          <FleetLink to={links.fleet(filter)}>{t('site.onMap')}</FleetLink>
        )}
      </p>
      {site.incidents.map(incident => (
        <Alert
          key={incident.id}
          status="warning"
          icon
          role="status"
          title={incident.message}
          description={<Age since={incident.since} as="for" />}
        />
      ))}
      <ul className={styles.axes}>
        {axisNames.map(axis => (
          <AxisCounts key={axis} axis={axis} counts={site.axes[axis]} />
        ))}
      </ul>
      <SiteDevices filter={filter} name={site.name} />
    </>
  );
}

function AxisCounts(props: {
  axis: AxisName;
  counts: Readonly<Record<string, number>>;
}) {
  const { t } = useFleetTranslation();
  const { axis, counts } = props;
  return (
    <li>
      <h2>{t(`axis.${axis}`)}</h2>
      {axisStates[axis]
        .filter(state => counts[state] > 0)
        .map(state => {
          const mark = markOf(axis, state);
          return (
            <p key={state}>
              {mark && <StateShape state={mark} />}{' '}
              <b>{t('number', { number: counts[state] })}</b>{' '}
              {wordOf(axis, state, t)}
            </p>
          );
        })}
    </li>
  );
}

function SiteDevices(props: { filter: FleetFilter; name: string }) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const { filter, name } = props;
  const [sort, setSort] = useState<FleetSort>(USUAL_SORT);
  const reading = useFleetDevices({ filter, sort, cursor: undefined });
  const label = t('site.devices', { site: name });
  return (
    <section className={tableStyles.card} aria-label={label}>
      <Loaded reading={reading} loading={t('page.loading')}>
        {page => (
          <>
            <DeviceTable devices={page.items} sort={sort} onSort={setSort} />
            {page.nextCursor && (
              <p>
                <FleetLink to={links.fleet(filter)}>
                  {t('table.shown', {
                    from: 1,
                    to: page.items.length,
                    total: page.total,
                  })}
                </FleetLink>
              </p>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}
