// SPDX-License-Identifier: Apache-2.0
import { Link } from '@backstage/ui';
import type { HistoryItem } from '@causeway/plugin-delivery-common';
import {
  describeDuration,
  Moment,
  StateMark,
  useSharedTranslation,
} from '@causeway/plugin-delivery-react';
import { PersonName } from '../people/PersonName';
import { useDeliveryTranslation } from '../translation';
import styles from './History.module.css';
import type { OpenDialog } from './openDialog';

/** The rows of the history; on a phone each row becomes a small card. */
export function HistoryTable(props: {
  items: readonly HistoryItem[];
  onOpen: (dialog: OpenDialog) => void;
}) {
  const { t } = useDeliveryTranslation();
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{t('history.when')}</th>
          <th scope="col">{t('history.stage')}</th>
          <th scope="col">{t('history.release')}</th>
          <th scope="col">{t('history.what')}</th>
          <th scope="col">{t('history.who')}</th>
          <th scope="col">{t('history.why')}</th>
          <th scope="col" className={styles.right}>
            {t('history.took')}
          </th>
        </tr>
      </thead>
      <tbody>
        {props.items.map(item => (
          <HistoryRow key={item.id} item={item} onOpen={props.onOpen} />
        ))}
      </tbody>
    </table>
  );
}

function HistoryRow(props: {
  item: HistoryItem;
  onOpen: (dialog: OpenDialog) => void;
}) {
  const { t } = useDeliveryTranslation();
  const { t: shared } = useSharedTranslation();
  const { item, onOpen } = props;
  const { promotion } = item;
  const mark = <StateMark state={item.state.key} word={item.state.word} />;
  return (
    <tr>
      <td className={styles.when}>
        <Moment at={item.at} />
      </td>
      <td className={styles.stage}>{item.stageTitle}</td>
      <td className={styles.release}>{item.release.version}</td>
      <td className={styles.what}>
        {promotion ? (
          <button
            type="button"
            className={styles.open}
            aria-label={t('history.detail', {
              what: item.state.word,
              release: item.release.version,
              stage: item.stageTitle,
            })}
            onClick={() => onOpen({ kind: 'promotion', id: promotion })}
          >
            {mark}
          </button>
        ) : (
          mark
        )}
      </td>
      <td className={styles.who}>
        <PersonName of={item.who} />
      </td>
      <td className={styles.why}>
        {item.why}
        {item.commit?.url && (
          <>
            {item.why && ' '}
            <Link
              href={item.commit.url}
              variant="body-small"
              target="_blank"
              rel="noopener"
            >
              {item.commit.sha.slice(0, 7)}
            </Link>
          </>
        )}
      </td>
      <td className={styles.took}>
        {item.took !== undefined && describeDuration(item.took, shared)}
      </td>
    </tr>
  );
}
