// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import type { WaveView } from '@causeway/plugin-delivery-common';
import { Moment } from '@causeway/plugin-delivery-react';
import pageStyles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import styles from './Waves.module.css';

/** What was decided and said, newest first. */
export function WaveLog(props: { log: WaveView['log'] }) {
  const { t } = useFleetTranslation();
  return (
    <details className={pageStyles.card}>
      <summary>{t('wave.log')}</summary>
      <ol className={styles.reasons}>
        {props.log.map((line, index) => (
          <li key={`${line.at} ${index}`}>
            <span className={pageStyles.quiet}>
              <Moment at={line.at} />
              {line.actor.startsWith('user:') &&
                ` ${parseEntityRef(line.actor).name}`}
            </span>
            <p>
              {line.device && <b>{line.device} </b>}
              <code>{line.kind}</code> {line.sentence}
            </p>
          </li>
        ))}
      </ol>
    </details>
  );
}
