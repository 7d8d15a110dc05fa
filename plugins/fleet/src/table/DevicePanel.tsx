// SPDX-License-Identifier: Apache-2.0
import { Button } from '@backstage/ui';
import type { FleetDevicePage } from '@causeway/plugin-delivery-common';
import { useEffect, useRef, useState } from 'react';
import { SelectionBar } from '../actions/SelectionBar';
import { PAGE_SIZE, useFleetDevices } from '../data/queries';
import { Loaded } from '../Loaded';
import { writeSearch } from '../search/fleetSearch';
import type { FleetSearchControl } from '../search/useFleetSearch';
import { useFleetTranslation } from '../translation';
import { DeviceTable } from './DeviceTable';
import styles from './DeviceTable.module.css';

/** The devices that the filter lets through, page by page. */
export function DevicePanel(props: { search: FleetSearchControl }) {
  const { search } = props;
  // Another question begins at its first page.
  const question = writeSearch({ ...search, layout: 'both' }).toString();
  return <Pages key={question} search={search} />;
}

function Pages(props: { search: FleetSearchControl }) {
  const { t } = useFleetTranslation();
  const { filter, sort, change } = props.search;
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors[cursors.length - 1];
  const reading = useFleetDevices({ filter, sort, cursor });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const panel = useRef<HTMLElement>(null);
  const [clears, setClears] = useState(0);
  // The button that was pressed goes with the selection; the focus stays with the devices.
  useEffect(() => {
    if (clears > 0) panel.current?.focus();
  }, [clears]);
  const select = (ids: readonly string[], isSelected: boolean) => {
    const rest = [...selected].filter(id => !ids.includes(id));
    setSelected(new Set(isSelected ? [...rest, ...ids] : rest));
  };
  return (
    <section
      ref={panel}
      tabIndex={-1}
      className={styles.card}
      aria-label={t('table.label')}
    >
      {selected.size > 0 && (
        <SelectionBar
          devices={[...selected]}
          onClear={() => {
            setSelected(new Set());
            setClears(clears + 1);
          }}
        />
      )}
      <Loaded reading={reading} loading={t('page.loading')}>
        {page => (
          <>
            <DeviceTable
              devices={page.items}
              sort={sort}
              onSort={to => change({ sort: to })}
              withSite
              selection={{ has: id => selected.has(id), set: select }}
            />
            <Pager
              page={page}
              before={cursors.length}
              onPrevious={() => setCursors(cursors.slice(0, -1))}
              onNext={next => setCursors([...cursors, next])}
            />
          </>
        )}
      </Loaded>
    </section>
  );
}

function Pager(props: {
  page: FleetDevicePage;
  /** Pages before this one. */
  before: number;
  onPrevious: () => void;
  onNext: (cursor: string) => void;
}) {
  const { t } = useFleetTranslation();
  const { page, before, onPrevious, onNext } = props;
  const { items, total, nextCursor } = page;
  if (items.length === 0 && before === 0) return null;
  const from = before * PAGE_SIZE + 1;
  return (
    <nav className={styles.pager} aria-label={t('table.pages')}>
      <span role="status">
        {t('table.shown', {
          from,
          to: from + items.length - 1,
          total,
        })}
      </span>
      {before > 0 && (
        <Button size="small" variant="secondary" onPress={onPrevious}>
          {t('table.previous')}
        </Button>
      )}
      {nextCursor && (
        <Button
          size="small"
          variant="secondary"
          onPress={() => onNext(nextCursor)}
        >
          {t('table.next')}
        </Button>
      )}
    </nav>
  );
}
