// SPDX-License-Identifier: Apache-2.0
import type {
  ColourPlaceView,
  ColoursView,
  StageView,
} from '@causeway/plugin-delivery-common';
import {
  Age,
  Expected,
  StateMark,
  type MarkKey,
} from '@causeway/plugin-delivery-react';
import { useId } from 'react';
import { CanaryActions } from '../canary/CanaryActions';
import panel from '../canary/CanaryPanel.module.css';
import table from '../canary/CanaryTable.module.css';
import { colourWords } from '../canary/steeringWords';
import { useDeliveryTranslation, type Translate } from '../translation';

type Target = ColoursView['targets'][number];

const idleStates: Readonly<Record<ColourPlaceView['health'], MarkKey>> = {
  healthy: 'wait',
  progressing: 'run',
  degraded: 'warn',
  off: 'never',
};

/**
 * The two colours of a stage: what each runs, which one the cluster's Service sends the requests to,
 * what the promotion under way waits for, and how long the way back is short.
 */
export function BlueGreenPanel(props: {
  stage: StageView;
  colours: ColoursView;
  isOld: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const { stage, colours, isOld } = props;
  const { promotion, version, actions, watchUntil, keepUntil } = colours;
  const titleId = useId();
  return (
    <section
      className={panel.panel}
      aria-labelledby={titleId}
      data-running={promotion && !isOld ? '' : undefined}
    >
      <header className={panel.header}>
        <h2 id={titleId}>{t('colours.title', { stage: stage.title })}</h2>
      </header>
      <p className={panel.headline}>{colours.sentence}</p>
      {watchUntil && (
        <p>
          {t('colours.watch')} <Expected at={watchUntil} />
        </p>
      )}
      {keepUntil && (
        <p>
          {t('colours.keep')} <Expected at={keepUntil} />
        </p>
      )}
      <table className={table.table}>
        <caption className={table.caption}>{t('colours.caption')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('colours.cluster')}</th>
            <th scope="col">{t('colours.blue')}</th>
            <th scope="col">{t('colours.green')}</th>
          </tr>
        </thead>
        <tbody>
          {colours.targets.map((target, index) => (
            <TargetRow
              // Two targets of a stage may share a cluster.
              key={`${target.cluster} ${index}`}
              target={target}
              isOld={isOld}
            />
          ))}
        </tbody>
      </table>
      {promotion && version && actions.length > 0 && (
        <CanaryActions
          promotion={promotion}
          version={version}
          actions={actions}
          words={colourWords(t, watchUntil !== undefined)}
        />
      )}
    </section>
  );
}

function TargetRow(props: { target: Target; isOld: boolean }) {
  const { target, isOld } = props;
  const { cluster, freshness, problem, blue, green } = target;
  const isPast = isOld || freshness.state !== 'live';
  return (
    <tr>
      <th scope="row">
        {cluster}
        {problem && <div className={panel.quiet}>{problem}</div>}
        {freshness.state !== 'live' && (
          <div className={panel.quiet}>
            {freshness.problem}{' '}
            {freshness.seenAt && <Age since={freshness.seenAt} as="lastSeen" />}
          </div>
        )}
      </th>
      <Place place={blue} isPast={isPast} />
      <Place place={green} isPast={isPast} />
    </tr>
  );
}

function Place(props: { place: ColourPlaceView; isPast: boolean }) {
  const { t } = useDeliveryTranslation();
  const { place, isPast } = props;
  const { version, desired, available, health, smokeTest } = place;
  const mark = markOf(place, isPast, t);
  return (
    <td>
      <StateMark state={mark.state} word={mark.word} />
      {health !== 'off' && (
        <div>
          {version && <b>{version}</b>}{' '}
          <span className={panel.quiet}>
            {t('colours.pods', {
              available: `${available}`,
              desired: `${desired}`,
            })}
          </span>
        </div>
      )}
      {smokeTest && (
        <div className={panel.quiet}>{t(`colours.smokeTest.${smokeTest}`)}</div>
      )}
    </td>
  );
}

/** Shape, word and colour of a place; what is not seen now is told in the past and without colour. */
function markOf(
  { serves, health }: ColourPlaceView,
  isPast: boolean,
  t: Translate,
): { readonly state: MarkKey; readonly word: string } {
  if (isPast) {
    return serves
      ? { state: 'stale', word: t('colours.served') }
      : { state: 'stale', word: wordOf(health, t) };
  }
  if (!serves) {
    return { state: idleStates[health], word: wordOf(health, t) };
  }
  switch (health) {
    case 'healthy':
      return { state: 'ok', word: t('colours.serves') };
    case 'progressing':
      return { state: 'run', word: t('colours.servesStarting') };
    default:
      return { state: 'bad', word: t('colours.servesBroken') };
  }
}

function wordOf(health: ColourPlaceView['health'], t: Translate): string {
  switch (health) {
    case 'healthy':
      return t('colours.ready');
    case 'progressing':
      return t('colours.starting');
    case 'degraded':
      return t('colours.broken');
    default:
      return t('colours.off');
  }
}
