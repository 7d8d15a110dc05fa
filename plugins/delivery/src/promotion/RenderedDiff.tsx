// SPDX-License-Identifier: Apache-2.0
import type { ObjectDiff } from '@causeway/plugin-delivery-common';
import { useState } from 'react';
import { StateMark } from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation } from '../translation';
import styles from './ChangesPanel.module.css';

/** Lines shown before the rest is folded away. */
const FOLD_AFTER = 14;

/** One rendered object that differs, line by line, marked when the release is not the cause. */
export function RenderedDiff(props: { object: ObjectDiff }) {
  const { t } = useDeliveryTranslation();
  const { object } = props;
  const [isWhole, setWhole] = useState(false);
  const isLong = object.lines.length > FOLD_AFTER;
  const lines = isWhole ? object.lines : object.lines.slice(0, FOLD_AFTER);
  const name = `${object.kind}/${object.name}`;
  return (
    <article className={styles.diff} aria-label={name}>
      <header className={styles.diffHeader}>
        <b>{name}</b>
        <span>{object.cluster}</span>
        {object.change !== 'changed' && (
          <span>{t(`changes.${object.change}`)}</span>
        )}
        {object.configurationOnly && (
          <StateMark state="warn" word={t('changes.configurationOnly')} />
        )}
        {!object.configurationOnly && (
          <span className={styles.from}>{t('changes.fromRelease')}</span>
        )}
      </header>
      <pre className={styles.lines}>
        {lines.map((line, index) => (
          // Lines have no identity but their place, and the place never moves.
          <span key={index} data-sign={line.sign}>
            <span>{line.sign}</span>
            <span>{line.text}</span>
          </span>
        ))}
      </pre>
      {isLong && (
        <button
          type="button"
          className={styles.more}
          aria-expanded={isWhole}
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole
            ? t('changes.less')
            : t('changes.full', { lines: String(object.lines.length) })}
        </button>
      )}
    </article>
  );
}
