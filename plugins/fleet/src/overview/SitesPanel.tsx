// SPDX-License-Identifier: Apache-2.0
import { Skeleton } from '@backstage/ui';
import {
  Delayed,
  ProblemPanel,
  StateMark,
} from '@causeway/plugin-delivery-react';
import { lazy, Suspense, useMemo } from 'react';
import { useFleetSites } from '../data/queries';
import { FleetLink } from '../FleetLink';
import { describeCounts } from '../map/describeMark';
import { sitesOf, type MapSite } from '../map/mapSites';
import { MOST_VALUES, withValues } from '../search/fleetSearch';
import type { FleetSearchControl } from '../search/useFleetSearch';
import { worstMarks } from '../state/axisMarks';
import { useFleetTranslation } from '../translation';
import { useFleetLinks } from '../useFleetLinks';
import styles from './Fleet.module.css';

const FleetMap = lazy(() =>
  import('../map/FleetMap').then(m => ({ default: m.FleetMap })),
);

/**
 * The sites of the devices that the filter lets through, on the map and, without coordinates, in a
 * list. Choosing a site narrows the table to it; the map keeps showing the others.
 */
export function SitesPanel(props: { search: FleetSearchControl }) {
  const { t } = useFleetTranslation();
  const { filter, setFilter } = props.search;
  const chosen = useMemo(() => filter.site ?? [], [filter.site]);
  const others = useMemo(() => withValues(filter, 'site', []), [filter]);
  const reading = useFleetSites(others);
  const answer = reading.status === 'ready' ? reading.value : undefined;
  const sites = useMemo(() => answer && sitesOf(answer), [answer]);
  const choose = (ids: readonly string[]) =>
    setFilter(withValues(filter, 'site', ids.slice(0, MOST_VALUES)));

  if (reading.status === 'failed') {
    return <ProblemPanel problem={reading.problem} onRetry={reading.retry} />;
  }
  const placeholder = (
    <Delayed>
      <Skeleton width="100%" height={480} />
    </Delayed>
  );
  if (!sites) return <div>{placeholder}</div>;
  const all = [...sites.located, ...sites.unlocated];
  return (
    <div
      className={styles.sites}
      data-busy={
        reading.status === 'ready' && reading.refreshing ? '' : undefined
      }
    >
      <Suspense fallback={placeholder}>
        <FleetMap sites={sites.located} chosen={chosen} onChoose={choose} />
      </Suspense>
      {all.length === 0 && <p className={styles.quiet}>{t('map.empty')}</p>}
      <ChosenSites
        sites={all.filter(({ id }) => chosen.includes(id))}
        onClear={() => choose([])}
      />
      <Unlocated sites={sites.unlocated} chosen={chosen} onChoose={choose} />
    </div>
  );
}

/** The sites that the table is narrowed to, each with its own page. */
function ChosenSites(props: {
  sites: readonly MapSite[];
  onClear: () => void;
}) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const { sites, onClear } = props;
  if (sites.length === 0) return null;
  return (
    <section
      className={styles.chosen}
      aria-label={t('map.chosen', { count: sites.length })}
    >
      <ul className={styles.plain}>
        {sites.map(site => (
          <li key={site.id}>
            <StateMark
              state={worstMarks[site.worst]}
              word={describeCounts(site.counts, t)}
            />{' '}
            <FleetLink
              to={links.site({
                cluster: site.cluster,
                site: siteNameOf(site),
              })}
            >
              {t('map.openSite', { site: site.name })}
            </FleetLink>
          </li>
        ))}
      </ul>
      <button type="button" onClick={onClear}>
        {t('map.unchoose')}
      </button>
    </section>
  );
}

/** Sites that nobody gave coordinates. They are as much a part of the fleet as those on the map. */
function Unlocated(props: {
  sites: readonly MapSite[];
  chosen: readonly string[];
  onChoose: (ids: readonly string[]) => void;
}) {
  const { t } = useFleetTranslation();
  const { sites, chosen, onChoose } = props;
  if (sites.length === 0) return null;
  return (
    <details className={styles.unlocated} open={sites.length <= 8}>
      <summary>{t('map.unlocated', { count: sites.length })}</summary>
      <p className={styles.quiet}>{t('map.unlocatedHow')}</p>
      <ul className={styles.plain}>
        {sites.map(site => {
          const isChosen = chosen.includes(site.id);
          return (
            <li key={site.id}>
              <button
                type="button"
                aria-pressed={isChosen}
                onClick={() => onChoose(isChosen ? [] : [site.id])}
              >
                <b>{site.name}</b>{' '}
                <StateMark
                  state={worstMarks[site.worst]}
                  word={describeCounts(site.counts, t)}
                />
              </button>
            </li>
          );
        })}
      </ul>
    </details>
  );
}

/** The name of a site in its cluster, out of `<cluster>/<site>`. */
function siteNameOf(site: MapSite): string {
  return site.id.slice(site.cluster.length + 1);
}
