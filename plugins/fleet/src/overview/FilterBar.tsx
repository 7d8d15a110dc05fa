// SPDX-License-Identifier: Apache-2.0
import {
  SearchField,
  Select,
  ToggleButton,
  ToggleButtonGroup,
} from '@backstage/ui';
import type { FleetSummary } from '@causeway/plugin-delivery-common';
import { useEffect, useState } from 'react';
import { layouts, withValues } from '../search/fleetSearch';
import type { FleetSearchControl } from '../search/useFleetSearch';
import { useFleetTranslation } from '../translation';
import styles from './Fleet.module.css';

/** How long typing rests before the fleet is searched, in milliseconds. */
const TYPING = 300;

const ALL = 'all';

/** Search by text, hardware and cluster, and what stands beside what. */
export function FilterBar(props: {
  summary: FleetSummary;
  search: FleetSearchControl;
}) {
  const { t } = useFleetTranslation();
  const { summary, search } = props;
  return (
    <section className={styles.filters} aria-label={t('filter.label')}>
      <TextFilter search={search} />
      <Choice
        label={t('filter.hardware')}
        all={t('filter.allHardware')}
        options={summary.hardware}
        chosen={search.filter.hardware}
        onChoose={values =>
          search.setFilter(withValues(search.filter, 'hardware', values))
        }
      />
      <Choice
        label={t('filter.cluster')}
        all={t('filter.allClusters')}
        options={summary.clusters}
        chosen={search.filter.cluster}
        onChoose={values =>
          search.setFilter(withValues(search.filter, 'cluster', values))
        }
      />
      <ToggleButtonGroup
        className={styles.layout}
        aria-label={t('filter.layout')}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[search.layout]}
        onSelectionChange={keys => {
          const layout = layouts.find(each => keys.has(each));
          if (layout) search.change({ layout });
        }}
      >
        {layouts.map(each => (
          <ToggleButton key={each} id={each}>
            {t(`filter.${each}`)}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </section>
  );
}

/** Searches when typing rests, so that a word is one question and not one for each letter. */
function TextFilter(props: { search: FleetSearchControl }) {
  const { t } = useFleetTranslation();
  const { filter, setFilter } = props.search;
  const asked = filter.text ?? '';
  const [typed, setTyped] = useState(asked);

  // A link or the button that clears all filters may ask for something else.
  useEffect(() => setTyped(asked), [asked]);

  useEffect(() => {
    if (typed.trim() === asked) return undefined;
    const rest = setTimeout(() => {
      const { text: _, ...others } = filter;
      const text = typed.trim();
      setFilter(text ? { ...others, text } : others);
    }, TYPING);
    return () => clearTimeout(rest);
  }, [typed, asked, filter, setFilter]);

  return (
    <SearchField
      className={styles.text}
      size="small"
      aria-label={t('filter.text')}
      placeholder={t('filter.text')}
      value={typed}
      onChange={setTyped}
    />
  );
}

function Choice(props: {
  label: string;
  all: string;
  options: readonly {
    readonly name: string;
    readonly title: string;
    readonly devices: number;
  }[];
  chosen: readonly string[] | undefined;
  onChoose: (values: readonly string[]) => void;
}) {
  const { t } = useFleetTranslation();
  const { label, all, options, chosen = [], onChoose } = props;
  if (options.length < 2 && chosen.length === 0) return null;
  return (
    <Select
      aria-label={label}
      size="small"
      options={[
        { value: ALL, label: all },
        ...options.map(({ name, title, devices }) => ({
          value: name,
          label: t('filter.option', { name: title, number: devices }),
        })),
      ]}
      value={chosen[0] ?? ALL}
      onChange={value => onChoose(value === ALL ? [] : [String(value)])}
    />
  );
}
