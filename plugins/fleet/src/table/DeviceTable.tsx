// SPDX-License-Identifier: Apache-2.0
import type {
  FleetDeviceRow,
  FleetSort,
} from '@causeway/plugin-delivery-common';
import { Age } from '@causeway/plugin-delivery-react';
import { RiArrowDownSLine, RiArrowUpSLine } from '@remixicon/react';
import { FleetLink } from '../FleetLink';
import { describeSort, sortBy, type SortKey } from '../search/fleetSearch';
import { AxisMark } from '../state/AxisMark';
import { useFleetTranslation } from '../translation';
import { useFleetLinks } from '../useFleetLinks';
import styles from './DeviceTable.module.css';
import { ReadingValue } from './ReadingValue';

/** Rows that were selected, by the ids of their devices. */
export interface RowSelection {
  readonly has: (id: string) => boolean;
  readonly set: (ids: readonly string[], selected: boolean) => void;
}

/** Devices with their axes, each apart. What is fine is quiet; what is old is italic. */
export function DeviceTable(props: {
  devices: readonly FleetDeviceRow[];
  sort: FleetSort;
  onSort: (sort: FleetSort) => void;
  /** Whether the site is worth a column. */
  withSite?: boolean;
  /** Which rows are selected, where rows can be. */
  selection?: RowSelection;
}) {
  const { t } = useFleetTranslation();
  const { devices, withSite, selection } = props;
  if (devices.length === 0) {
    return <p className={styles.none}>{t('table.none')}</p>;
  }
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            {selection && (
              <th scope="col">
                <input
                  type="checkbox"
                  aria-label={t('action.selectPage')}
                  checked={devices.every(({ id }) => selection.has(id))}
                  onChange={event =>
                    selection.set(
                      devices.map(({ id }) => id),
                      event.target.checked,
                    )
                  }
                />
              </th>
            )}
            <Column {...props} by="name" label={t('table.device')} />
            {withSite && (
              <Column {...props} by="site" label={t('table.site')} />
            )}
            <Column
              {...props}
              by="connectivity"
              label={t('axis.connectivity')}
            />
            <Column {...props} by="health" label={t('axis.health')} />
            <Column
              {...props}
              by="temperature"
              label={t('table.temperature')}
              isNumber
            />
            <th scope="col" data-column="power" className={styles.number}>
              {t('table.power')}
            </th>
            <th scope="col" data-column="applications">
              {t('axis.applications')}
            </th>
            <th scope="col" data-column="update">
              {t('axis.update')}
            </th>
            <th scope="col" data-column="kept">
              {t('table.kept')}
            </th>
            <Column {...props} by="version" label={t('table.version')} />
          </tr>
        </thead>
        <tbody>
          {devices.map(device => (
            <Row
              key={device.id}
              device={device}
              withSite={withSite}
              selection={selection}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Column(props: {
  by: SortKey;
  label: string;
  isNumber?: boolean;
  sort: FleetSort;
  onSort: (sort: FleetSort) => void;
}) {
  const { by, label, isNumber, sort, onSort } = props;
  const { key, direction } = describeSort(sort);
  const isSorted = key === by;
  return (
    <th
      scope="col"
      data-column={by}
      className={isNumber ? styles.number : undefined}
      aria-sort={isSorted ? direction : undefined}
    >
      <button
        type="button"
        className={styles.sort}
        onClick={() => onSort(sortBy(sort, by))}
      >
        {label}
        {isSorted && direction === 'ascending' && (
          <RiArrowDownSLine size={14} />
        )}
        {isSorted && direction === 'descending' && <RiArrowUpSLine size={14} />}
      </button>
    </th>
  );
}

function Row(props: {
  device: FleetDeviceRow;
  withSite?: boolean;
  selection?: RowSelection;
}) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const { device, withSite, selection } = props;
  const { cluster, name, site, connectivity, health } = device;
  const isLive = connectivity.state === 'live';
  return (
    <tr data-live={isLive ? '' : undefined}>
      {selection && (
        <td>
          <input
            type="checkbox"
            aria-label={t('action.select', { device: name })}
            checked={selection.has(device.id)}
            onChange={event => selection.set([device.id], event.target.checked)}
          />
        </td>
      )}
      <th scope="row">
        <FleetLink to={links.device({ cluster, name })}>{name}</FleetLink>
        <small>{device.hardwareName ?? device.hardware}</small>
      </th>
      {withSite && (
        <td data-label={t('table.site')}>
          {site && (
            <FleetLink to={links.site({ cluster, site })}>
              {device.siteName ?? site}
            </FleetLink>
          )}
        </td>
      )}
      <td data-label={t('axis.connectivity')}>
        <AxisMark axis="connectivity" told={connectivity} />
        {!isLive && device.lastSeen && (
          <small>
            <Age since={device.lastSeen} as="ago" />
          </small>
        )}
      </td>
      <td data-label={t('axis.health')}>
        <AxisMark axis="health" told={health} />
        {health.state !== 'ok' && health.reason && (
          <small>{health.reason.message}</small>
        )}
      </td>
      <td data-label={t('table.temperature')} className={styles.number}>
        <ReadingValue reading={device.temperature} isOld={!isLive} />
      </td>
      <td
        data-label={t('table.power')}
        data-column="power"
        className={styles.number}
      >
        <ReadingValue reading={device.power} isOld={!isLive} />
      </td>
      <td data-label={t('axis.applications')} data-column="applications">
        <AxisMark axis="applications" told={device.applications} />
      </td>
      <td data-label={t('axis.update')} data-column="update">
        <AxisMark axis="update" told={device.update} />
      </td>
      <td data-label={t('table.kept')}>
        <Kept device={device} />
      </td>
      <td data-label={t('table.version')} data-column="version">
        {device.version}
      </td>
    </tr>
  );
}

/** Why a device gets no updates or no work; nothing when nobody keeps anything from it. */
function Kept(props: { device: FleetDeviceRow }) {
  const { hold, isolation } = props.device;
  return (
    <>
      {hold.state !== 'none' && <AxisMark axis="hold" told={hold} />}
      {isolation.state !== 'none' && (
        <AxisMark axis="isolation" told={isolation} />
      )}
    </>
  );
}
