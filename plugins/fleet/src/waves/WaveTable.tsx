// SPDX-License-Identifier: Apache-2.0
import type {
  WaveDeviceView,
  WaveView,
} from '@causeway/plugin-delivery-common';
import { StateShape } from '@causeway/plugin-delivery-react';
import pageStyles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { WaveDeviceName, WaveMembers } from './WaveDeviceName';
import { placeMarks } from './wavePlaces';

/** Every device with its place and why: the same as the picture above, in words. */
export function WaveTable(props: {
  devices: readonly WaveDeviceView[];
  rings: WaveView['rings'];
}) {
  const { t } = useFleetTranslation();
  const { devices, rings } = props;
  return (
    <details className={pageStyles.card}>
      <summary>{t('wave.table')}</summary>
      <div className={pageStyles.scroll}>
        <table className={pageStyles.table}>
          <thead>
            <tr>
              <th scope="col">
                {devices[0]?.members ? t('wave.group') : t('wave.device')}
              </th>
              <th scope="col">{t('wave.site')}</th>
              <th scope="col">{t('wave.hardware')}</th>
              <th scope="col">{t('wave.planned')}</th>
              <th scope="col">{t('wave.where')}</th>
              <th scope="col">{t('wave.why')}</th>
            </tr>
          </thead>
          <tbody>
            {devices.map(device => (
              <tr key={device.id}>
                <th scope="row">
                  <WaveDeviceName device={device} />
                  <WaveMembers device={device} />
                </th>
                <td>{device.site}</td>
                <td>{device.hardware}</td>
                <td>
                  {rings.length > 1 && `${rings[device.ring]?.name}, `}
                  {t('wave.batch', { number: String(device.batch) })}
                </td>
                <td>
                  <StateShape state={placeMarks[device.place]} />{' '}
                  {t(`wave.place.${device.place}`)}
                </td>
                <td>{device.sentence}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
