// SPDX-License-Identifier: Apache-2.0
import { toastApiRef, useApi } from '@backstage/frontend-plugin-api';
import { Alert, Button, Text } from '@backstage/ui';
import type { ScenarioRun } from '@causeway/plugin-simulation-common';
import { useId } from 'react';
import { sentenceOf } from '../api/SimulationProblem';
import { useScenarios, useStop, useStopAll, type Scene } from '../data/queries';
import styles from '../Simulation.module.css';
import { useSimulationTranslation } from '../translation';
import { describeMoment, describeSpan } from '../world/describeTime';
import { useWorldClock } from '../world/useWorldClock';
import { describeParameters } from './describeParameters';
import { PersonName } from './PersonName';

/** How many ended runs are listed. */
const REMEMBERED = 5;

/** What runs now, with the way to stop it, and what ended lately. */
export function RunsPanel(props: { scene: Scene }) {
  const { t } = useSimulationTranslation();
  const heading = useId();
  const stopAll = useStopAll();
  const { world, runs, readAt } = props.scene;
  const now = useWorldClock(world.now, readAt);
  const live = runs.filter(isLive);
  const ended = runs.filter(run => !isLive(run)).slice(0, REMEMBERED);
  return (
    <section className={styles.panel} aria-labelledby={heading}>
      <header className={styles.header}>
        <Text as="h2" id={heading} variant="body-large" weight="bold">
          {t('runs.title')}
        </Text>
        {world.control.allowed && live.length > 1 && (
          <Button
            variant="secondary"
            className={styles.button}
            isPending={stopAll.isPending}
            onPress={() => stopAll.mutate(undefined)}
          >
            {t('runs.stopAll')}
          </Button>
        )}
      </header>
      {live.length === 0 ? (
        <p className={styles.quiet}>{t('runs.none')}</p>
      ) : (
        <ul className={styles.list}>
          {live.map(run => (
            <LiveRun
              key={run.id}
              run={run}
              now={now}
              mayStop={world.control.allowed}
            />
          ))}
        </ul>
      )}
      {ended.length > 0 && <EndedRuns runs={ended} now={now} />}
    </section>
  );
}

function isLive({ state }: ScenarioRun): boolean {
  return state === 'running' || state === 'stopping';
}

function LiveRun(props: { run: ScenarioRun; now: number; mayStop: boolean }) {
  const { t } = useSimulationTranslation();
  const toasts = useApi(toastApiRef);
  const { run, now, mayStop } = props;
  const stop = useStop(stopped => {
    if (stopped.state === 'ended') {
      toasts.post({
        title: t('form.stopped', { title: stopped.title }),
        status: 'success',
        timeout: 5_000,
      });
    }
  });
  const started = describeMoment(Date.parse(run.startedAt), now);
  const { data: scenarios } = useScenarios();
  const scenario = scenarios?.find(({ name }) => name === run.scenario);
  const details = describeParameters(run.parameters, scenario?.parameters);
  return (
    <li className={styles.run}>
      <div className={styles.text}>
        <p>
          <b>{run.title}</b>
          {details && <> · {details}</>}
        </p>
        <p className={styles.quiet}>
          <Remaining run={run} now={now} />,{' '}
          {t('runs.since', { time: started })}
          {run.startedBy && (
            <>
              , {t('runs.by')} <PersonName entityRef={run.startedBy} />
            </>
          )}
        </p>
        {stop.error && (
          <Alert
            status="danger"
            icon
            role="alert"
            title={t('runs.stopFailed')}
            description={sentenceOf(stop.error)}
          />
        )}
      </div>
      {mayStop && (
        <Button
          variant="secondary"
          className={styles.button}
          isPending={stop.isPending || run.state === 'stopping'}
          aria-label={t('runs.stopOf', { title: run.title, time: started })}
          onPress={() => stop.mutate(run.id)}
        >
          {t('runs.stop')}
        </Button>
      )}
    </li>
  );
}

function Remaining(props: { run: ScenarioRun; now: number }) {
  const { t } = useSimulationTranslation();
  const { state, endsAt } = props.run;
  if (state === 'stopping') return <>{t('runs.stopping')}</>;
  if (!endsAt) return <>{t('runs.unlimited')}</>;
  const left = Date.parse(endsAt) - props.now;
  return (
    <time dateTime={endsAt}>
      {left > 0
        ? t('runs.remaining', { span: describeSpan(left, t) })
        : t('runs.ending')}
    </time>
  );
}

function EndedRuns(props: { runs: readonly ScenarioRun[]; now: number }) {
  const { t } = useSimulationTranslation();
  const heading = useId();
  return (
    <div className={styles.ended}>
      <Text as="h3" id={heading} variant="body-medium" weight="bold">
        {t('runs.ended')}
      </Text>
      <ul className={styles.quietList} aria-labelledby={heading}>
        {props.runs.map(({ id, title, state, endedAt, problem }) => {
          const time = describeMoment(Date.parse(endedAt ?? ''), props.now);
          return (
            <li key={id}>
              {state === 'failed'
                ? t('runs.failedAt', { title, time })
                : t('runs.endedAt', { title, time })}
              {problem && <>: {problem}</>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
