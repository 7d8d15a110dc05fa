// SPDX-License-Identifier: Apache-2.0
import { axisNames, type AxisName } from '@causeway/plugin-delivery-common';
import { RiCloseLine } from '@remixicon/react';
import {
  listFilters,
  toggleValue,
  type ListFilter,
} from '../search/fleetSearch';
import type { FleetSearchControl } from '../search/useFleetSearch';
import { wordOf } from '../state/axisMarks';
import { useFleetTranslation, type Translate } from '../translation';
import styles from './Fleet.module.css';

/** Every value that narrows what is shown, each with the way to take it back. */
export function ActiveFilters(props: { search: FleetSearchControl }) {
  const { t } = useFleetTranslation();
  const { filter, setFilter } = props.search;
  const active = listFilters.flatMap(key =>
    (filter[key] ?? []).map(value => ({ key, value })),
  );
  if (active.length === 0) return null;
  return (
    <section className={styles.active} aria-label={t('filter.active')}>
      <ul>
        {active.map(({ key, value }) => {
          const name = nameOf(key, t);
          const said = isAxis(key) ? wordOf(key, value, t) : value;
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

function nameOf(key: ListFilter, t: Translate): string {
  if (isAxis(key)) return t(`axis.${key}`);
  return key === 'label' ? t('filter.node') : t(`filter.${key}`);
}

function isAxis(key: ListFilter): key is AxisName {
  return axisNames.some(axis => axis === key);
}
