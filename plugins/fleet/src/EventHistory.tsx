// SPDX-License-Identifier: Apache-2.0
import { PORTAL_ACTOR } from '@causeway/plugin-delivery-common';
import { Moment } from '@causeway/plugin-delivery-react';
import pageStyles from './Page.module.css';
import styles from './EventHistory.module.css';
import { Person } from './Person';
import { useFleetTranslation } from './translation';

/** What happened to an action or a drill, when, and by whom. */
export function EventHistory<Type extends string>(props: {
  events: readonly {
    readonly type: string;
    readonly at: string;
    /** An entity ref, or the portal itself. */
    readonly actor: string;
    readonly message?: string;
  }[];
  /** The types that there are words for; a newer backend may tell of more. */
  known: Readonly<Record<Type, string>>;
  describe: (type: Type) => string;
}) {
  const { t } = useFleetTranslation();
  const { events, known, describe } = props;
  const isKnown = (type: string): type is Type => Object.hasOwn(known, type);
  return (
    <section className={pageStyles.card} aria-label={t('history.title')}>
      <header>
        <h2>{t('history.title')}</h2>
      </header>
      <ol className={styles.list}>
        {events.map(({ type, at, actor, message }, index) => (
          <li key={`${index} ${type}`}>
            <span>
              {isKnown(type) ? describe(type) : type}
              {message && <>: {message}</>}
            </span>
            <span className={pageStyles.quiet}>
              <Moment at={at} />{' '}
              {actor === PORTAL_ACTOR ? (
                t('history.byPortal')
              ) : (
                <>
                  {t('history.by')} <Person entityRef={actor} />
                </>
              )}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
