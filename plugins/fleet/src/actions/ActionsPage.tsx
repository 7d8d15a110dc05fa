// SPDX-License-Identifier: Apache-2.0
import { Button } from '@backstage/ui';
import { useState } from 'react';
import { Breadcrumb } from '../Breadcrumb';
import { Loaded } from '../Loaded';
import pageStyles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { ActionList } from './ActionList';
import styles from './Actions.module.css';
import { useActions } from './useActions';

const open = ['awaitingApproval', 'queued', 'running'] as const;

/** The queue of actions on all devices. */
export function ActionsPage() {
  const { t } = useFleetTranslation();
  const [showsAll, setShowsAll] = useState(false);
  const [cursor, setCursor] = useState<string>();
  const reading = useActions({
    limit: 50,
    ...(!showsAll && { phase: [...open] }),
    ...(cursor && { cursor }),
  });
  return (
    <main className={pageStyles.page}>
      <Breadcrumb here={t('action.queue')} />
      <header className={pageStyles.top}>
        <h1>{t('action.queue')}</h1>
        <label className={styles.check}>
          {t('action.show')}
          <select
            value={showsAll ? 'all' : 'open'}
            onChange={event => {
              setCursor(undefined);
              setShowsAll(event.target.value === 'all');
            }}
          >
            <option value="open">{t('action.open')}</option>
            <option value="all">{t('action.all')}</option>
          </select>
        </label>
      </header>
      <section className={pageStyles.card} aria-label={t('action.queue')}>
        <Loaded reading={reading} loading={t('action.loading')}>
          {({ items, nextCursor }) => (
            <>
              {items.length === 0 ? (
                <>
                  <h2>
                    {t(showsAll ? 'action.noneAtAll' : 'action.noneOpen')}
                  </h2>
                  <p className={pageStyles.quiet}>{t('action.nonePage')}</p>
                </>
              ) : (
                <ActionList actions={items} withDevice />
              )}
              <div className={styles.buttons}>
                {cursor && (
                  <Button
                    size="small"
                    variant="secondary"
                    onPress={() => setCursor(undefined)}
                  >
                    {t('action.first')}
                  </Button>
                )}
                {nextCursor && (
                  <Button
                    size="small"
                    variant="secondary"
                    onPress={() => setCursor(nextCursor)}
                  >
                    {t('action.next')}
                  </Button>
                )}
              </div>
            </>
          )}
        </Loaded>
      </section>
    </main>
  );
}
