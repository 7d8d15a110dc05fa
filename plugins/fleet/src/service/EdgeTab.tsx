// SPDX-License-Identifier: Apache-2.0
import { stringifyEntityRef } from '@backstage/catalog-model';
import type {
  FleetService,
  FleetSites,
} from '@causeway/plugin-delivery-common';
import { Age, StateShape } from '@causeway/plugin-delivery-react';
import { useEntity } from '@backstage/plugin-catalog-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useFleetService, useFleetSites } from '../data/queries';
import { FleetLink } from '../FleetLink';
import { Loaded } from '../Loaded';
import { sitesOf } from '../map/mapSites';
import styles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { useFleetLinks } from '../useFleetLinks';

const FleetMap = lazy(() =>
  import('../map/FleetMap').then(m => ({ default: m.FleetMap })),
);

/** The Edge tab of an entity: where a service runs, in which versions, and on what it does not. */
export function EdgeTab() {
  const { entity } = useEntity();
  return <EdgeOfService service={stringifyEntityRef(entity)} />;
}

/** Where a service runs at the edge. `service` is an entity ref. */
export function EdgeOfService(props: { service: string }) {
  const { t } = useFleetTranslation();
  const { service } = props;
  return (
    <div className={styles.page} data-inside>
      <Loaded reading={useFleetService(service)} loading={t('edge.loading')}>
        {(view, readAt) =>
          view.devices === 0 ? (
            <section className={styles.card}>
              <h2>{t('edge.none')}</h2>
              <p className={styles.quiet}>{t('edge.noneExplain')}</p>
            </section>
          ) : (
            <Service view={view} readAt={readAt} />
          )
        }
      </Loaded>
    </div>
  );
}

function Service(props: { view: FleetService; readAt: number }) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const { view, readAt } = props;
  const filter = useMemo(() => ({ service: [view.service] }), [view.service]);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  return (
    <>
      <section className={styles.card}>
        <p className={styles.sentence}>
          <b>
            {t('edge.sentence', {
              devices: t('page.devices', { count: view.devices }),
              sites: t('page.sites', { count: view.sites.length }),
            })}
          </b>{' '}
          {view.away > 0 && (
            <>
              <StateShape state="away" /> {t('edge.away', { count: view.away })}
              .{' '}
            </>
          )}
          {view.held > 0 && (
            <>
              <StateShape state="hold" /> {t('edge.held', { count: view.held })}
              .{' '}
            </>
          )}
          <span className={styles.quiet}>
            <Age since={new Date(readAt).toISOString()} as="read" />
          </span>
        </p>
        <Versions versions={view.versions} total={view.devices} />
        <FleetLink to={links.fleet(filter)}>{t('edge.show')}</FleetLink>
      </section>
      <Loaded reading={useFleetSites(filter)} loading={t('edge.loading')}>
        {sites => (
          <ServiceMap sites={sites} chosen={chosen} onChoose={setChosen} />
        )}
      </Loaded>
      <BySite view={view} chosen={chosen} />
    </>
  );
}

function ServiceMap(props: {
  sites: FleetSites;
  chosen: readonly string[];
  onChoose: (ids: readonly string[]) => void;
}) {
  const { sites, chosen, onChoose } = props;
  const { located } = useMemo(() => sitesOf(sites), [sites]);
  if (located.length === 0) return null;
  return (
    <div className={styles.map}>
      <Suspense fallback={null}>
        <FleetMap sites={located} chosen={chosen} onChoose={onChoose} />
      </Suspense>
    </div>
  );
}

type Versioned = FleetService['versions'];

function Versions(props: { versions: Versioned; total: number }) {
  const { t } = useFleetTranslation();
  return (
    <dl className={styles.facts} aria-label={t('edge.versions')}>
      {props.versions.map(({ version, devices }) => (
        <div key={version}>
          <dt>{version || t('edge.noVersion')}</dt>
          <dd>
            {t('number', { number: devices })} /{' '}
            {t('number', { number: props.total })}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function BySite(props: { view: FleetService; chosen: readonly string[] }) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const { view, chosen } = props;
  const sites = view.sites.filter(
    ({ id }) => chosen.length === 0 || chosen.includes(id),
  );
  return (
    <section className={styles.card} aria-label={t('edge.bySite')}>
      <h2>{t('edge.bySite')}</h2>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('edge.site')}</th>
              <th scope="col">{t('edge.versions')}</th>
              <th scope="col" className={styles.number}>
                {t('edge.devices')}
              </th>
              <th scope="col" className={styles.number}>
                {t('edge.awayColumn')}
              </th>
              <th scope="col" className={styles.number}>
                {t('edge.heldColumn')}
              </th>
            </tr>
          </thead>
          <tbody>
            {sites.map(site => (
              <tr key={site.id}>
                <th scope="row">
                  <FleetLink
                    to={links.fleet({
                      service: [view.service],
                      site: [site.id],
                    })}
                  >
                    {site.name}
                  </FleetLink>
                </th>
                <td>
                  {site.versions
                    .map(({ version, devices }) =>
                      t('filter.option', {
                        name: version || t('edge.noVersion'),
                        number: devices,
                      }),
                    )
                    .join(', ')}
                </td>
                <td className={styles.number}>
                  {t('number', { number: site.devices })}
                </td>
                <td className={styles.number}>
                  {site.away > 0 && t('number', { number: site.away })}
                </td>
                <td className={styles.number}>
                  {site.held > 0 && t('number', { number: site.held })}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
