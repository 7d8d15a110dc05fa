// SPDX-License-Identifier: Apache-2.0
import type { FleetDevice } from '@causeway/plugin-delivery-common';
import { Age, Moment } from '@causeway/plugin-delivery-react';
import type { ReactNode } from 'react';
import styles from '../Page.module.css';
import { useFleetTranslation } from '../translation';

/** What a device is, and when it was heard of first and last. */
export function DeviceFacts(props: { device: FleetDevice }) {
  const { t } = useFleetTranslation();
  const { device } = props;
  const { system, groups } = device;
  const machine = [system?.image, system?.architecture, system?.kernel]
    .filter(Boolean)
    .join(', ');
  return (
    <dl className={styles.facts}>
      <Fact name={t('device.cluster')}>{device.cluster}</Fact>
      {device.owner && <Fact name={t('device.owner')}>{device.owner}</Fact>}
      {device.firstSeen && (
        <Fact name={t('device.firstSeen')}>
          <Moment at={device.firstSeen} />
        </Fact>
      )}
      <Fact name={t('device.lastSeen')}>
        <LastSeen device={device} />
      </Fact>
      {machine && <Fact name={t('device.system')}>{machine}</Fact>}
      {groups.length > 0 && (
        <Fact name={t('device.groups')}>{groups.join(', ')}</Fact>
      )}
    </dl>
  );
}

/** What is live goes on being heard for as long as nothing else is read. */
function LastSeen(props: { device: FleetDevice }) {
  const { t } = useFleetTranslation();
  const { connectivity, lastSeen } = props.device;
  if (connectivity.state === 'live') return t('device.heardNow');
  return lastSeen ? <Age since={lastSeen} as="ago" /> : t('device.never');
}

function Fact(props: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
