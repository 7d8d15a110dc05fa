// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import { Alert } from '@backstage/ui';
import type { DrillDetail } from '@causeway/plugin-delivery-common';
import { Moment } from '@causeway/plugin-delivery-react';
import { Breadcrumb } from '../Breadcrumb';
import { EventHistory } from '../EventHistory';
import { FleetLink } from '../FleetLink';
import { Loaded } from '../Loaded';
import pageStyles from '../Page.module.css';
import { Person } from '../Person';
import { useFleetTranslation } from '../translation';
import { useFleetLinks } from '../useFleetLinks';
import { DrillActions } from './DrillActions';
import { DrillFindings } from './DrillFindings';
import styles from './Drills.module.css';
import { DrillState, sayDrill } from './DrillState';
import { DrillSteps } from './DrillSteps';
import { drillWords } from './drillWords';
import { useDrill, useStageTitle } from './useDrills';

/** One drill: what it does now, what was expected and observed, and who vouches for it. */
export function DrillPage(props: { id: string }) {
  const { t } = useFleetTranslation();
  return (
    <main className={pageStyles.page}>
      <Loaded reading={useDrill(props.id)} loading={t('drill.loadingOne')}>
        {detail => <Detail detail={detail} />}
      </Loaded>
    </main>
  );
}

function Detail(props: { detail: DrillDetail }) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const stageTitle = useStageTitle();
  const { detail } = props;
  const { drill, findings, ending, problem } = detail;
  const count = (outcome: string) =>
    findings.filter(finding => finding.outcome === outcome).length;
  return (
    <>
      <Breadcrumb
        above={{ to: links.drills(), title: t('drill.drills') }}
        here={drill.title}
      />
      <header className={pageStyles.top}>
        <h1>{drill.title}</h1>
        <DrillState drill={drill} />
        <DrillActions detail={detail} />
      </header>
      <dl className={pageStyles.facts}>
        <div>
          <dt>{t('drill.release')}</dt>
          <dd>{`${parseEntityRef(drill.service).name} ${drill.version}`}</dd>
        </div>
        <div>
          <dt>{t('drill.stage')}</dt>
          <dd>{stageTitle(drill)}</dd>
        </div>
        <div>
          <dt>{t('drill.devices')}</dt>
          <dd>
            {drill.devices.map(({ id, cluster, name }) => (
              <span key={id} className={styles.device}>
                <FleetLink to={links.device({ cluster, name })}>
                  {name}
                </FleetLink>
              </span>
            ))}
          </dd>
        </div>
        <div>
          <dt>{t('drill.began')}</dt>
          <dd>
            <Moment at={drill.requestedAt} /> {t('drill.by')}{' '}
            <Person entityRef={drill.requestedBy} />: {detail.reason}
          </dd>
        </div>
      </dl>
      <p className={styles.sentence} aria-live="polite">
        {sayDrill(t, drill, {
          notMet: count('notMet'),
          notSeen: count('notSeen'),
        })}{' '}
        {drill.faultEndsAt && (
          <>
            {t('drill.faultUntil')} <Moment at={drill.faultEndsAt} />.
          </>
        )}
        {ending && ending.reason !== 'done' && ending.message}
      </p>
      {problem && <Alert status="warning" icon title={problem} />}
      <DrillSteps drill={drill} />
      <DrillFindings detail={detail} />
      <EventHistory
        events={detail.events}
        known={drillWords.event}
        describe={type => t(`drill.event.${type}`)}
      />
    </>
  );
}
