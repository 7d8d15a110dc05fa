// SPDX-License-Identifier: Apache-2.0
import {
  isEnded,
  type FleetAction,
  type FleetActionDetail,
} from '@causeway/plugin-delivery-common';
import { Moment } from '@causeway/plugin-delivery-react';
import { Breadcrumb } from '../Breadcrumb';
import { EventHistory } from '../EventHistory';
import { FleetLink } from '../FleetLink';
import { Loaded } from '../Loaded';
import pageStyles from '../Page.module.css';
import linkStyles from '../FleetLink.module.css';
import { useFleetTranslation } from '../translation';
import { useFleetLinks } from '../useFleetLinks';
import { ActionList, ActionState } from './ActionList';
import styles from './Actions.module.css';
import { actionWords } from './actionWords';
import { useAction, useActionKinds } from './useActions';

/** One action: its receipt with what was seen in the cluster, what happened, and its output. */
export function ActionPage(props: { id: string }) {
  const { t } = useFleetTranslation();
  return (
    <main className={pageStyles.page}>
      <Loaded reading={useAction(props.id)} loading={t('action.loadingOne')}>
        {detail => <Detail detail={detail} />}
      </Loaded>
    </main>
  );
}

function Detail(props: { detail: FleetActionDetail }) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const { action, output } = props.detail;
  const { cluster, name } = action;
  return (
    <>
      <Breadcrumb
        above={{ to: links.actions(), title: t('action.queue') }}
        here={action.title}
      />
      <header className={pageStyles.top}>
        <h1>{action.title}</h1>
        <FleetLink to={links.device({ cluster, name })}>{name}</FleetLink>
        <span className={pageStyles.tag}>{cluster}</span>
        <ActionState action={action} />
      </header>
      <Parameters action={action} />
      {!isEnded(action) && (
        <section className={pageStyles.card}>
          <ActionList actions={[action]} />
        </section>
      )}
      <Receipt action={action} />
      <EventHistory
        events={props.detail.events}
        known={actionWords.event}
        describe={type => t(`action.event.${type}`)}
      />
      {output !== undefined && <Output action={action} output={output} />}
    </>
  );
}

function Parameters(props: { action: FleetAction }) {
  const { kind, parameters } = props.action;
  const kinds = useActionKinds();
  const titles = new Map(
    kinds.status === 'ready'
      ? kinds.value
          .find(({ name }) => name === kind)
          ?.parameters.map(({ name, title }) => [name, title])
      : [],
  );
  const entries = Object.entries(parameters);
  if (entries.length === 0) return null;
  return (
    <dl className={pageStyles.facts}>
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{titles.get(name) ?? name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Receipt(props: { action: FleetAction }) {
  const { t } = useFleetTranslation();
  const { receipt, refusal } = props.action;
  if (!receipt && !refusal) return null;
  return (
    <section className={pageStyles.card} aria-label={t('action.receipt')}>
      <header>
        <h2>{t('action.receipt')}</h2>
      </header>
      <div className={styles.body}>
        <p>{receipt?.message ?? refusal?.message}</p>
        {receipt && receipt.evidence.length > 0 && (
          <div>
            <h3>{t('action.evidence')}</h3>
            <ul>
              {receipt.evidence.map(each => (
                <li key={`${each.object} ${each.seen}`}>
                  <b>{each.object}</b>: {each.seen}{' '}
                  <span className={styles.why}>
                    {each.resourceVersion && (
                      <>
                        {t('action.version', { version: each.resourceVersion })}
                        ,{' '}
                      </>
                    )}
                    <Moment at={each.at} />
                  </span>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </section>
  );
}

function Output(props: { action: FleetAction; output: string }) {
  const { t } = useFleetTranslation();
  const { action, output } = props;
  return (
    <section className={pageStyles.card} aria-label={t('action.output')}>
      <header>
        <h2>{t('action.output')}</h2>
        <a
          className={linkStyles.link}
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(output)}`}
          download={`${action.name}-${action.kind}.txt`}
        >
          {t('action.download')}
        </a>
      </header>
      <textarea
        className={styles.output}
        aria-label={t('action.output')}
        value={output}
        rows={Math.min(20, output.split('\n').length)}
        wrap="off"
        readOnly
      />
    </section>
  );
}
