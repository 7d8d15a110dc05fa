// SPDX-License-Identifier: Apache-2.0
import { Button, Select, Switch, Text } from '@backstage/ui';
import type {
  HistoryItem,
  PipelineView,
} from '@causeway/plugin-delivery-common';
import { useState } from 'react';
import { ProblemPanel } from '@causeway/plugin-delivery-react';
import { useHistory } from '../data/queries';
import { useDeliveryTranslation } from '../translation';
import styles from './History.module.css';
import { HistoryTable } from './HistoryTable';
import type { OpenDialog } from './openDialog';

const ALL = 'all';

/** What happened to the service, newest first; by stage, and rollbacks only. */
export function History(props: {
  pipeline: PipelineView;
  onOpen: (dialog: OpenDialog) => void;
}) {
  const { t } = useDeliveryTranslation();
  const { pipeline, onOpen } = props;
  const [stage, setStage] = useState(ALL);
  const [rollbacksOnly, setRollbacksOnly] = useState(false);
  const history = useHistory(pipeline.service, {
    stage: stage === ALL ? undefined : stage,
    only: rollbacksOnly ? 'rollback' : undefined,
  });
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <section className={styles.card} aria-labelledby="delivery-history">
      <header className={styles.header}>
        <Text as="h2" id="delivery-history" variant="body-large" weight="bold">
          {t('history.title')}
        </Text>
        <span className={styles.quiet}>{t('history.explain', { zone })}</span>
        <span className={styles.filters}>
          <Switch
            label={t('history.rollbacksOnly')}
            isSelected={rollbacksOnly}
            onChange={setRollbacksOnly}
          />
          <Select
            aria-label={t('history.stage')}
            size="small"
            options={[
              { value: ALL, label: t('history.allStages') },
              ...pipeline.stages.map(each => ({
                value: each.name,
                label: each.title,
              })),
            ]}
            value={stage}
            onChange={value => setStage(String(value))}
          />
        </span>
      </header>
      {history.reading.status === 'failed' && (
        <ProblemPanel
          problem={history.reading.problem}
          onRetry={history.reading.retry}
        />
      )}
      {history.reading.status === 'ready' && (
        <Items
          items={history.reading.value.pages.flatMap(page => page.items)}
          none={t(rollbacksOnly ? 'history.noRollback' : 'history.none')}
          onOpen={onOpen}
        />
      )}
      {history.hasOlder && (
        <Button
          variant="secondary"
          className={styles.older}
          isPending={history.readingOlder}
          onPress={history.showOlder}
        >
          {t('history.older')}
        </Button>
      )}
    </section>
  );
}

function Items(props: {
  items: readonly HistoryItem[];
  none: string;
  onOpen: (dialog: OpenDialog) => void;
}) {
  const { items, none, onOpen } = props;
  return items.length > 0 ? (
    <HistoryTable items={items} onOpen={onOpen} />
  ) : (
    <p className={styles.quiet}>{none}</p>
  );
}
