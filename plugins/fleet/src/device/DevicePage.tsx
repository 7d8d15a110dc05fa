// SPDX-License-Identifier: Apache-2.0
import { Alert } from '@backstage/ui';
import type { FleetDevice } from '@causeway/plugin-delivery-common';
import { Age } from '@causeway/plugin-delivery-react';
import { DeviceActionsCard } from '../actions/DeviceActionsCard';
import { Breadcrumb } from '../Breadcrumb';
import { useFleetDevice } from '../data/queries';
import { Loaded } from '../Loaded';
import styles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { AxisCards } from './AxisCards';
import { Conditions } from './Conditions';
import { DeviceFacts } from './DeviceFacts';
import { Labels } from './Labels';
import { Telemetry } from './Telemetry';
import { TimeLine } from './TimeLine';
import { Twins } from './Twins';
import { Workloads } from './Workloads';

/** One device: is it the device, the road to it, or what runs on it? */
export function DevicePage(props: { cluster: string; name: string }) {
  const { t } = useFleetTranslation();
  const { cluster, name } = props;
  return (
    <main className={styles.page}>
      <Loaded
        reading={useFleetDevice({ cluster, name })}
        loading={t('device.loading')}
      >
        {(device, readAt) => <Device device={device} readAt={readAt} />}
      </Loaded>
    </main>
  );
}

function Device(props: { device: FleetDevice; readAt: number }) {
  const { t } = useFleetTranslation();
  const { device, readAt } = props;
  const { cluster, name, site, siteName, freshness } = device;
  return (
    <>
      <Breadcrumb
        site={site ? { cluster, site, name: siteName ?? site } : undefined}
        here={name}
      />
      <header className={styles.top}>
        <h1>{name}</h1>
        {device.hardwareName && (
          <span className={styles.tag}>{device.hardwareName}</span>
        )}
        {device.version && <span className={styles.tag}>{device.version}</span>}
        {device.edgeVersion && (
          <span className={styles.tag}>
            {t('device.edgeVersion', { version: device.edgeVersion })}
          </span>
        )}
        <span className={styles.quiet}>
          <Age since={new Date(readAt).toISOString()} as="read" />
        </span>
      </header>
      <DeviceFacts device={device} />
      {device.incidentDetail && (
        <Alert
          status="warning"
          icon
          role="status"
          title={device.incidentDetail.message}
          description={t('incident.devices', {
            devices: device.incidentDetail.devices,
            of: device.incidentDetail.of,
          })}
        />
      )}
      {freshness.state !== 'live' &&
        device.incidentDetail?.kind !== 'cluster' && (
          <Alert
            status="warning"
            icon
            role="status"
            title={t('device.silentCluster')}
            description={freshness.problem}
          />
        )}
      <AxisCards device={device} />
      <DeviceActionsCard
        cluster={cluster}
        name={name}
        workloads={runningOf(device)}
      />
      <div className={styles.columns}>
        <div className={styles.column}>
          <Telemetry device={device} />
          {device.twins.map(twin => (
            <Twins
              key={`${twin.namespace}/${twin.name}`}
              device={{ cluster, name }}
              twin={twin}
            />
          ))}
          <Workloads workloads={device.workloads} />
          <Conditions conditions={device.conditions} />
        </div>
        <div className={styles.column}>
          <TimeLine changes={device.history} />
          <Labels labels={device.labels} />
        </div>
      </div>
    </>
  );
}

/** What runs on a device and does not end by itself, as actions name it. */
function runningOf({ workloads }: FleetDevice): readonly string[] {
  const lasting = workloads.filter(({ state }) => state !== 'finished');
  return [
    ...new Set(lasting.map(({ namespace, name }) => `${namespace}/${name}`)),
  ];
}
