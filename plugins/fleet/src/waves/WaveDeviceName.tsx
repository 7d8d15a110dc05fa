// SPDX-License-Identifier: Apache-2.0
import type { WaveDeviceView } from '@causeway/plugin-delivery-common';
import { FleetLink } from '../FleetLink';
import pageStyles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { useFleetLinks } from '../useFleetLinks';

/** How many devices of a node group are named. */
const NAMED = 12;

/** A device leads to its page; a node group has none. */
export function WaveDeviceName(props: { device: WaveDeviceView }) {
  const links = useFleetLinks();
  const { device } = props;
  return device.members ? (
    <b>{device.name}</b>
  ) : (
    <FleetLink to={links.device(device)}>{device.name}</FleetLink>
  );
}

/** Of a node group: that it is one, and its devices. */
export function WaveMembers(props: { device: WaveDeviceView }) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const { cluster, members } = props.device;
  if (!members) return null;
  const more = members.length - NAMED;
  return (
    <p className={pageStyles.quiet}>
      {t('wave.nodeGroup', { count: members.length })}
      {members.slice(0, NAMED).map((name, index) => (
        <span key={name}>
          {index > 0 && ', '}
          <FleetLink to={links.device({ cluster, name })}>{name}</FleetLink>
        </span>
      ))}
      {more > 0 && ` ${t('wave.moreMembers', { number: more })}`}
    </p>
  );
}
