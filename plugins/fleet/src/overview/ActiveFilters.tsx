// SPDX-License-Identifier: Apache-2.0
import {
  axisNames,
  type AxisName,
  type FleetSummary,
} from '@causeway/plugin-delivery-common';
import { RiCloseLine } from '@remixicon/react';
import { useFleetSites } from '../data/queries';
import {
  listFilters,
  toggleValue,
  withValues,
  type ListFilter,
} from '../search/fleetSearch';
import type { FleetSearchControl } from '../search/useFleetSearch';
import { wordOf } from '../state/axisMarks';
import { useFleetTranslation, type Translate } from '../translation';
import styles from './Fleet.module.css';

/** A value that narrows what is shown. */
interface ActiveFilter {
  readonly key: ListFilter;
  readonly value: string;
}

/** Every value that narrows what is shown, each with the way to take it back. */
export function ActiveFilters(props: {
  summary: FleetSummary;
  search: FleetSearchControl;
}) {
  const { filter } = props.search;
  const active = listFilters.flatMap(key =>
    (filter[key] ?? []).map(value => ({ key, value })),
  );
  return active.length === 0 ? null : <Chips {...props} active={active} />;
}

function Chips(props: {
  summary: FleetSummary;
  search: FleetSearchControl;
  active: readonly ActiveFilter[];
}) {
  const { t } = useFleetTranslation();
  const { filter, setFilter } = props.search;
  const titles = useTitles(props);
  return (
    <section className={styles.active} aria-label={t('filter.active')}>
      <ul>
        {props.active.map(({ key, value }) => {
          const name = nameOf(key, t);
          const said = isAxis(key)
            ? wordOf(key, value, t)
            : titles[key]?.get(value) ?? value;
          return (
            <li key={`${key}=${value}`}>
              <button
                type="button"
                aria-label={t('filter.remove', { name, value: said })}
                onClick={() => setFilter(toggleValue(filter, key, value))}
              >
                {name}: <b>{said}</b> <RiCloseLine size={14} />
              </button>
            </li>
          );
        })}
      </ul>
      <button
        type="button"
        onClick={() => setFilter(filter.text ? { text: filter.text } : {})}
      >
        {t('filter.clear')}
      </button>
    </section>
  );
}

/** What people call the values that the fleet has names for; those of sites come with the map beside it. */
function useTitles(props: {
  summary: FleetSummary;
  search: FleetSearchControl;
}): Partial<Record<ListFilter, ReadonlyMap<string, string>>> {
  const { summary, search } = props;
  const sites = useFleetSites(withValues(search.filter, 'site', []));
  return {
    hardware: titlesOf(summary.hardware),
    cluster: titlesOf(summary.clusters),
    ...(sites.status === 'ready' && {
      site: new Map(
        sites.value.columns.id.map((id, index) => [
          id,
          sites.value.columns.name[index],
        ]),
      ),
    }),
  };
}

function titlesOf(
  options: readonly { readonly name: string; readonly title: string }[],
): ReadonlyMap<string, string> {
  return new Map(options.map(({ name, title }) => [name, title]));
}

function nameOf(key: ListFilter, t: Translate): string {
  if (isAxis(key)) return t(`axis.${key}`);
  return key === 'label' ? t('filter.node') : t(`filter.${key}`);
}

function isAxis(key: ListFilter): key is AxisName {
  return axisNames.some(axis => axis === key);
}
