// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import type { DrillSummary } from '@causeway/plugin-delivery-common';
import { ActionButton, Age } from '@causeway/plugin-delivery-react';
import { useId, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { Breadcrumb } from '../Breadcrumb';
import { FleetLink } from '../FleetLink';
import { Loaded } from '../Loaded';
import pageStyles from '../Page.module.css';
import { Person } from '../Person';
import { useFleetTranslation, type Translate } from '../translation';
import { useFleetLinks } from '../useFleetLinks';
import { DrillState } from './DrillState';
import styles from './Drills.module.css';
import { StartDrillDialog } from './StartDrillDialog';
import { useDrillOptions, useDrills, useStageTitle } from './useDrills';

/** All drills, the newest first, and the way to start one. */
export function DrillsPage() {
  const { t } = useFleetTranslation();
  return (
    <main className={pageStyles.page}>
      <Breadcrumb here={t('drill.drills')} />
      <header className={pageStyles.top}>
        <h1>{t('drill.drills')}</h1>
        <StartDrill />
      </header>
      <Loaded reading={useDrills()} loading={t('drill.loading')}>
        {drills =>
          drills.length === 0 ? (
            <section className={pageStyles.card}>
              <h2>{t('drill.none')}</h2>
              <p className={pageStyles.quiet}>{t('drill.noneExplain')}</p>
            </section>
          ) : (
            <section className={pageStyles.card} aria-label={t('drill.drills')}>
              <ul className={styles.list}>
                {drills.map(drill => (
                  <Line key={drill.id} drill={drill} />
                ))}
              </ul>
            </section>
          )
        }
      </Loaded>
    </main>
  );
}

/** The button that opens the dialog, or why there is nothing to choose from. */
function StartDrill() {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const navigate = useNavigate();
  const reading = useDrillOptions();
  const [isOpen, setOpen] = useState(false);
  const whyId = useId();
  const options = reading.status === 'ready' ? reading.value : undefined;
  const blocked = blockedBecause(t, reading);
  return (
    <div className={styles.start}>
      {blocked && (
        <span id={whyId} className={pageStyles.quiet}>
          {blocked}
        </span>
      )}
      <ActionButton
        variant="primary"
        blocked={blocked}
        reasonId={whyId}
        onPress={() => setOpen(true)}
      >
        {t('drill.start')}
      </ActionButton>
      {isOpen && options && (
        <StartDrillDialog
          options={options}
          onStarted={({ drill }) => navigate(links.drill(drill.id))}
          onClose={() => setOpen(false)}
        />
      )}
    </div>
  );
}

function blockedBecause(
  t: Translate,
  reading: ReturnType<typeof useDrillOptions>,
): string | undefined {
  if (reading.status === 'failed') return reading.problem.message;
  if (reading.status !== 'ready') return t('drill.optionsFirst');
  const { stages, kinds } = reading.value;
  if (stages.length === 0) return t('drill.noStage');
  return kinds.every(({ refusal }) => refusal)
    ? kinds[0]?.refusal?.message
    : undefined;
}

function Line(props: { drill: DrillSummary }) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const stageTitle = useStageTitle();
  const { drill } = props;
  return (
    <li>
      <div>
        <b>
          <FleetLink to={links.drill(drill.id)}>{drill.title}</FleetLink>
        </b>{' '}
        {t('drill.stageOf', {
          service: `${parseEntityRef(drill.service).name} ${drill.version}`,
          stage: stageTitle(drill),
        })}
        <div className={pageStyles.quiet}>
          {drill.devices.map(({ name }) => name).join(', ')},{' '}
          <Age since={drill.requestedAt} as="ago" /> {t('drill.by')}{' '}
          <Person entityRef={drill.requestedBy} />
        </div>
      </div>
      <div className={styles.marks}>
        <DrillState drill={drill} />
      </div>
    </li>
  );
}
