// SPDX-License-Identifier: Apache-2.0
import type { WavePreviewView } from '@causeway/plugin-delivery-common';
import { useWavePreview } from '../data/queries';
import { DialogPart } from '../dialog/DialogLayout';
import { useDeliveryTranslation } from '../translation';
import styles from './Wave.module.css';

/** In which order the devices of the stage would get the release, and which would not and why. */
export function WavePreview(props: {
  wish: Parameters<typeof useWavePreview>[0];
}) {
  const { t } = useDeliveryTranslation();
  const reading = useWavePreview(props.wish);
  if (reading.status === 'loading') return null;
  return (
    <DialogPart title={t('wave.order')}>
      {reading.status === 'failed' ? (
        <p>{t('wave.unknown')}</p>
      ) : (
        <Order preview={reading.value} />
      )}
    </DialogPart>
  );
}

function Order(props: { preview: WavePreviewView }) {
  const { t } = useDeliveryTranslation();
  const { problems, policy, rings, devices, excluded } = props.preview;
  const batches = rings.flatMap(ring => ring.batches);
  const planned = batches.reduce((sum, batch) => sum + batch.length, 0);
  return (
    <div className={styles.preview}>
      {problems.map(problem => (
        <p key={problem} role="alert">
          {problem}
        </p>
      ))}
      <p>
        {t('wave.devices', {
          count: batches.length,
          planned,
          all: devices,
        })}
      </p>
      <details>
        <summary>{policy[0] ?? t('wave.order')}</summary>
        <ol>
          {batches.map((batch, index) => (
            <li key={batch[0] ?? index}>{batch.map(nameOf).join(', ')}</li>
          ))}
        </ol>
      </details>
      {excluded.length > 0 && (
        <details>
          <summary>{t('wave.excluded', { count: excluded.length })}</summary>
          <ul>
            {excluded.map(({ device, reason }) => (
              <li key={device}>
                {t('wave.because', { device: nameOf(device), reason })}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** A device is named by its cluster and its node. */
function nameOf(device: string): string {
  return device.slice(device.indexOf('/') + 1);
}
