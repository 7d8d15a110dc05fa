// SPDX-License-Identifier: Apache-2.0
import type { CanaryWord } from '@causeway/plugin-delivery-common';
import { useId } from 'react';
import { Moment } from '@causeway/plugin-delivery-react';
import { PersonName } from '../people/PersonName';
import { useDeliveryTranslation } from '../translation';
import styles from './CanaryPanel.module.css';

/** What the judge and people said of a canary, newest first. */
export function CanaryWords(props: { words: readonly CanaryWord[] }) {
  const { t } = useDeliveryTranslation();
  const titleId = useId();
  return (
    <section className={styles.part} aria-labelledby={titleId}>
      <h3 id={titleId}>{t('canary.words.title')}</h3>
      {props.words.length === 0 ? (
        <p className={styles.quiet}>{t('canary.words.none')}</p>
      ) : (
        <ol className={styles.words}>
          {props.words.map(({ at, by, text, reason }) => (
            <li key={at + text}>
              <span className={styles.quiet}>
                <Moment at={at} />
              </span>
              <span>
                {text}{' '}
                <span className={styles.quiet}>
                  <PersonName of={by} />
                </span>
                {reason && <span className={styles.reason}>“{reason}”</span>}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
