// SPDX-License-Identifier: Apache-2.0
import type {
  WaveDeviceView,
  WaveView,
} from '@causeway/plugin-delivery-common';
import {
  describeSpan,
  StateShape,
  useSharedTranslation,
} from '@causeway/plugin-delivery-react';
import pageStyles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { WaveDeviceName } from './WaveDeviceName';
import { besidePlaces, placeMarks } from './wavePlaces';
import styles from './Waves.module.css';

/** How many devices of a batch are drawn; the table below has all. */
const DRAWN = 60;

/** Rings and, in them, batches: the order of the plan, with what became of each device. */
export function WaveRings(props: { wave: WaveView }) {
  const { t } = useFleetTranslation();
  const { rings, devices } = props.wave;
  return (
    <div className={styles.rings}>
      {rings.map((ring, index) => {
        const mine = devices.filter(each => each.ring === index);
        const inPlan = mine.filter(
          ({ place }) => !besidePlaces.includes(place),
        );
        const done = inPlan.filter(({ place }) => place === 'proven');
        return (
          <section
            key={ring.name}
            className={pageStyles.card}
            aria-label={ring.name}
            aria-current={ring.state === 'now' ? 'step' : undefined}
          >
            <header>
              <h2>{ring.name}</h2>
              <span className={pageStyles.quiet}>
                {t(`wave.ring.${ring.state}`)},{' '}
                {t('wave.ringDone', {
                  done: done.length,
                  all: inPlan.length,
                })}
              </span>
            </header>
            {batchesOf(mine).map(([batch, members]) => (
              <Batch key={batch} number={batch} devices={members} />
            ))}
          </section>
        );
      })}
    </div>
  );
}

function Batch(props: { number: number; devices: readonly WaveDeviceView[] }) {
  const { t } = useFleetTranslation();
  const { t: shared } = useSharedTranslation();
  const { number, devices } = props;
  const lefts = devices.flatMap(({ provenIn }) => provenIn ?? []);
  const done = devices.filter(({ place }) => place === 'proven').length;
  return (
    <div className={styles.batch} data-now={lefts.length > 0 || undefined}>
      <h3>
        {t('wave.batch', { number: String(number) })}
        <span className={pageStyles.quiet}>
          {t('wave.ringDone', {
            done,
            all: devices.length,
          })}
          {lefts.length > 0 &&
            `, ${t('wave.soakLeft', {
              span: describeSpan(Math.max(...lefts), shared),
            })}`}
        </span>
      </h3>
      <ul className={styles.tiles}>
        {devices.slice(0, DRAWN).map(device => (
          <Tile key={device.id} device={device} />
        ))}
      </ul>
      {devices.length > DRAWN && (
        <p className={pageStyles.quiet}>
          {t('wave.more', { number: devices.length - DRAWN })}
        </p>
      )}
    </div>
  );
}

function Tile(props: { device: WaveDeviceView }) {
  const { t } = useFleetTranslation();
  const { device } = props;
  const { place, name } = device;
  return (
    <li data-place={place} title={`${name}: ${device.sentence}`}>
      <StateShape state={placeMarks[place]} />
      <WaveDeviceName device={device} />
      <span className={styles.hidden}>{t(`wave.place.${place}`)}</span>
    </li>
  );
}

function batchesOf(
  devices: readonly WaveDeviceView[],
): readonly (readonly [number, readonly WaveDeviceView[]])[] {
  const batches = new Map<number, WaveDeviceView[]>();
  for (const device of devices) {
    const known = batches.get(device.batch);
    if (known) known.push(device);
    else batches.set(device.batch, [device]);
  }
  return [...batches].sort(([one], [other]) => one - other);
}
