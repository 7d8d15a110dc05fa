// SPDX-License-Identifier: Apache-2.0
import { Alert, Button } from '@backstage/ui';
import type {
  FleetFilter,
  FleetSummary,
} from '@causeway/plugin-delivery-common';
import { Age, useSharedTranslation } from '@causeway/plugin-delivery-react';
import { useFleetTranslation } from '../translation';
import styles from './Fleet.module.css';

/**
 * What explains many devices at once: one line for an incident instead of a thousand dead rows, one
 * for a cluster that is not heard from, and what is wrong with the inventory.
 */
export function Notices(props: {
  summary: FleetSummary;
  onFilter: (filter: FleetFilter) => void;
}) {
  const { incidents } = props.summary;
  const explained = new Set(
    incidents
      .filter(({ kind }) => kind === 'cluster')
      .map(each => each.cluster),
  );
  return (
    <>
      {incidents.map(incident => (
        <IncidentNotice
          key={incident.id}
          incident={incident}
          onShow={() =>
            props.onFilter(
              incident.site
                ? { site: [`${incident.cluster}/${incident.site}`] }
                : { cluster: [incident.cluster] },
            )
          }
        />
      ))}
      <SilentClusters summary={props.summary} explained={explained} />
      <InventoryNotice inventory={props.summary.inventory} />
    </>
  );
}

function IncidentNotice(props: {
  incident: FleetSummary['incidents'][number];
  onShow: () => void;
}) {
  const { t } = useFleetTranslation();
  const { incident, onShow } = props;
  return (
    <Alert
      status="warning"
      icon
      role="status"
      title={incident.message}
      description={
        <>
          {t('incident.devices', {
            devices: incident.devices,
            of: incident.of,
          })}
          , <Age since={incident.since} as="for" />.
        </>
      }
      customActions={
        <Button size="small" variant="secondary" onPress={onShow}>
          {t('incident.show')}
        </Button>
      }
    />
  );
}

function SilentClusters(props: {
  summary: FleetSummary;
  explained: ReadonlySet<string>;
}) {
  const { t } = useFleetTranslation();
  const { t: shared } = useSharedTranslation();
  const silent = props.summary.clusters.filter(
    ({ name, freshness }) =>
      freshness.state !== 'live' && !props.explained.has(name),
  );
  if (silent.length === 0) return null;
  return (
    <Alert
      status="warning"
      icon
      role="status"
      title={t('clusters.title')}
      description={
        <ul className={styles.plain}>
          {silent.map(({ name, title, devices, freshness }) => (
            <li key={name}>
              <b>{title}</b> {shared(`freshness.${freshness.state}`)}
              {freshness.seenAt && (
                <>
                  , <Age since={freshness.seenAt} as="lastSeen" />
                </>
              )}
              {'; '}
              {t('clusters.devices', {
                devices: t('page.devices', { count: devices }),
              })}
              {freshness.problem && `. ${freshness.problem}`}
            </li>
          ))}
        </ul>
      }
    />
  );
}

function InventoryNotice(props: { inventory: FleetSummary['inventory'] }) {
  const { t } = useFleetTranslation();
  const { inventory } = props;
  // A fleet without an inventory file is complete; what its nodes say of themselves is used.
  if (!inventory || inventory.state === 'read' || inventory.state === 'missing')
    return null;
  return (
    <Alert
      status="info"
      icon
      role="status"
      title={t(`inventory.${inventory.state}`)}
      description={
        inventory.problems.length > 0 && (
          <ul className={styles.plain}>
            {inventory.problems.map(({ line, column, message }) => (
              <li key={`${line}:${column}:${message}`}>
                {t('inventory.line', { line: String(line), message })}
              </li>
            ))}
          </ul>
        )
      }
    />
  );
}
