// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import { Alert } from '@backstage/ui';
import type { WaveView } from '@causeway/plugin-delivery-common';
import { Age, Moment, StateShape } from '@causeway/plugin-delivery-react';
import { Person } from '../Person';
import { Breadcrumb } from '../Breadcrumb';
import { Loaded } from '../Loaded';
import pageStyles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { useFleetLinks } from '../useFleetLinks';
import { WaveBeside } from './WaveBeside';
import { WaveCounts } from './WaveCounts';
import { WaveLog } from './WaveLog';
import { stateMarks } from './wavePlaces';
import { useWave } from './waveQueries';
import { WaveRings } from './WaveRings';
import { WaveActions } from './WaveActions';
import { WaveTable } from './WaveTable';
import styles from './Waves.module.css';

/** One wave: what it does now, rings and batches filling up, and who waits and why. */
export function WavePage(props: { promotion: string }) {
  const { t } = useFleetTranslation();
  return (
    <main className={pageStyles.page}>
      <Loaded reading={useWave(props.promotion)} loading={t('wave.loading')}>
        {wave => <Wave wave={wave} />}
      </Loaded>
    </main>
  );
}

function Wave(props: { wave: WaveView }) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const { wave } = props;
  const { summary } = wave;
  const title = t('wave.title', {
    service: parseEntityRef(summary.service).name,
    version: summary.version,
  });
  return (
    <>
      <Breadcrumb
        above={{ to: links.waves(), title: t('wave.waves') }}
        here={title}
      />
      <header className={pageStyles.top}>
        <h1>{title}</h1>
        <span className={pageStyles.tag}>
          <StateShape state={stateMarks[summary.state]} />{' '}
          {t(`wave.state.${summary.state}`)}
        </span>
        <WaveActions wave={wave} />
      </header>
      <dl className={pageStyles.facts}>
        <div>
          <dt>{t('wave.stage')}</dt>
          <dd>{summary.stageTitle ?? summary.stage}</dd>
        </div>
        {summary.replaces && (
          <div>
            <dt>{t('wave.replaces')}</dt>
            <dd>{summary.replaces}</dd>
          </div>
        )}
        {wave.devices.some(({ members }) => members) && (
          <div>
            <dt>{t('wave.unit')}</dt>
            <dd>{t('wave.nodeGroups')}</dd>
          </div>
        )}
        <div>
          <dt>{t('wave.started')}</dt>
          <dd>
            <Moment at={summary.startedAt} />
            {summary.startedBy && (
              <>
                {' '}
                {t('wave.by')} <Person entityRef={summary.startedBy} />
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>{t('wave.seen')}</dt>
          <dd>
            <Age since={wave.readAt} as="read" />
          </dd>
        </div>
      </dl>
      <p className={styles.sentence}>{summary.sentence}</p>
      <Announcement wave={wave} />
      {wave.questions
        .filter(({ answer }) => !answer)
        .map(({ name, sentence }) => (
          <Alert key={name} status="warning" icon title={sentence} />
        ))}
      <div className={pageStyles.card}>
        <WaveCounts counts={summary.counts} />
      </div>
      <div className={styles.columns}>
        <WaveRings wave={wave} />
        <WaveBeside devices={wave.devices} />
      </div>
      <WaveTable devices={wave.devices} rings={wave.rings} />
      <section className={pageStyles.card}>
        <h2>{t('wave.policy')}</h2>
        <ul className={styles.policy}>
          {wave.policy.map(rule => (
            <li key={rule}>{rule}</li>
          ))}
        </ul>
      </section>
      <WaveLog log={wave.log} />
    </>
  );
}

/** What somebody who does not see the page is told: not the seconds that pass, only what becomes of the wave. */
function Announcement(props: { wave: WaveView }) {
  const { t } = useFleetTranslation();
  const { state, counts } = props.wave.summary;
  const failed =
    counts.failed > 0
      ? `, ${t('number', { number: counts.failed })} ${t('wave.place.failed')}`
      : '';
  return (
    <p className={styles.hidden} role="status">
      {t(`wave.state.${state}`)}
      {failed}
    </p>
  );
}
