// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Skeleton, VisuallyHidden } from '@backstage/ui';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { isNotConfigured, sentenceOf } from './api/SimulationProblem';
import { useScenarios, useScene } from './data/queries';
import { RunsPanel } from './runs/RunsPanel';
import styles from './Simulation.module.css';
import { Catalogue } from './start/Catalogue';
import { useSimulationTranslation } from './translation';
import { WorldPanel } from './world/WorldPanel';

/** The simulated world: how it is, what is wrong in it on purpose, and what else can be made to go wrong. */
export function SimulationPage() {
  const [queryClient] = useState(
    () =>
      new QueryClient({
        // What is refused stays refused, and what failed is read again in a moment anyway.
        defaultOptions: { queries: { retry: false } },
      }),
  );
  return (
    <QueryClientProvider client={queryClient}>
      <main className={styles.page}>
        <World />
      </main>
    </QueryClientProvider>
  );
}

function World() {
  const { t } = useSimulationTranslation();
  const scene = useScene();
  if (isNotConfigured(scene.error)) {
    return (
      <Alert
        status="info"
        icon
        role="status"
        title={t('page.none')}
        description={sentenceOf(scene.error)}
      />
    );
  }
  if (scene.data) {
    return (
      <>
        {scene.error && (
          <Problem
            status="warning"
            title={t('page.refreshFailed')}
            error={scene.error}
            onRetry={scene.refetch}
          />
        )}
        <WorldPanel world={scene.data.world} readAt={scene.data.readAt} />
        <RunsPanel scene={scene.data} />
        <Scenarios control={scene.data.world.control} />
      </>
    );
  }
  return scene.error ? (
    <Problem
      status="danger"
      title={t('page.problem')}
      error={scene.error}
      onRetry={scene.refetch}
    />
  ) : (
    <Waiting />
  );
}

function Scenarios(props: Pick<Parameters<typeof Catalogue>[0], 'control'>) {
  const { t } = useSimulationTranslation();
  const scenarios = useScenarios();
  if (scenarios.data) {
    return <Catalogue scenarios={scenarios.data} control={props.control} />;
  }
  return scenarios.error ? (
    <Problem
      status="danger"
      title={t('page.problem')}
      error={scenarios.error}
      onRetry={scenarios.refetch}
    />
  ) : (
    <Waiting />
  );
}

function Waiting() {
  const { t } = useSimulationTranslation();
  return (
    <div role="status">
      <VisuallyHidden>{t('page.loading')}</VisuallyHidden>
      <Skeleton width="100%" height={160} />
    </div>
  );
}

function Problem(props: {
  status: 'danger' | 'warning';
  title: string;
  error: Error;
  onRetry: () => void;
}) {
  const { t } = useSimulationTranslation();
  return (
    <Alert
      status={props.status}
      icon
      role={props.status === 'danger' ? 'alert' : 'status'}
      title={props.title}
      description={sentenceOf(props.error)}
      customActions={
        <Button
          size="small"
          variant="secondary"
          onPress={() => props.onRetry()}
        >
          {t('page.retry')}
        </Button>
      }
    />
  );
}
