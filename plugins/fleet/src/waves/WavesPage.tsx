// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import type { WaveSummary } from '@causeway/plugin-delivery-common';
import { Age, StateShape } from '@causeway/plugin-delivery-react';
import { Breadcrumb } from '../Breadcrumb';
import { FleetLink } from '../FleetLink';
import { Loaded } from '../Loaded';
import pageStyles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { useFleetLinks } from '../useFleetLinks';
import { WaveCounts } from './WaveCounts';
import { stateMarks } from './wavePlaces';
import { useWaves } from './waveQueries';

/** The waves that still do something, also those that only wait for devices to come back. */
export function WavesPage() {
  const { t } = useFleetTranslation();
  return (
    <main className={pageStyles.page}>
      <Breadcrumb here={t('wave.waves')} />
      <header className={pageStyles.top}>
        <h1>{t('wave.waves')}</h1>
      </header>
      <Loaded reading={useWaves()} loading={t('wave.loading')}>
        {waves =>
          waves.length === 0 ? (
            <section className={pageStyles.card}>
              <h2>{t('wave.none')}</h2>
              <p className={pageStyles.quiet}>{t('wave.noneExplain')}</p>
            </section>
          ) : (
            <>
              {waves.map(wave => (
                <Summary key={wave.promotion} wave={wave} />
              ))}
            </>
          )
        }
      </Loaded>
    </main>
  );
}

function Summary(props: { wave: WaveSummary }) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const { wave } = props;
  return (
    <section className={pageStyles.card}>
      <header>
        <h2>
          <FleetLink to={links.wave(wave)}>
            {t('wave.title', {
              service: parseEntityRef(wave.service).name,
              version: wave.version,
            })}
          </FleetLink>
        </h2>
        <span className={pageStyles.quiet}>
          <StateShape state={stateMarks[wave.state]} />{' '}
          {t(`wave.state.${wave.state}`)}, {wave.stageTitle ?? wave.stage},{' '}
          <Age since={wave.startedAt} as="for" />
        </span>
      </header>
      <p className={pageStyles.sentence}>{wave.sentence}</p>
      <WaveCounts counts={wave.counts} />
    </section>
  );
}
