// SPDX-License-Identifier: Apache-2.0
import type { WaveView } from '@causeway/plugin-delivery-common';
import { Moment } from '@causeway/plugin-delivery-react';
import { deviceName } from '../deviceName';
import { Person } from '../Person';
import pageStyles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { isLogged } from './wavePlaces';
import styles from './Waves.module.css';

/** What was decided and said, newest first. */
export function WaveLog(props: { log: WaveView['log'] }) {
  const { t } = useFleetTranslation();
  return (
    <details className={pageStyles.card}>
      <summary>{t('wave.log')}</summary>
      <ol className={styles.reasons}>
        {props.log.map(({ at, actor, kind, device, sentence }, index) => (
          <li key={`${at} ${index}`}>
            <span className={pageStyles.quiet}>
              <Moment at={at} />
              {actor.startsWith('user:') && (
                <>
                  {' '}
                  <Person entityRef={actor} />
                </>
              )}
            </span>
            <p>
              <b>
                {device && `${deviceName(device)}: `}
                {isLogged(kind) ? t(`wave.logged.${kind}`) : kind}
              </b>{' '}
              {sentence}
            </p>
          </li>
        ))}
      </ol>
    </details>
  );
}
