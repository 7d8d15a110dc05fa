// SPDX-License-Identifier: Apache-2.0
import type { SimulatedWorld } from '@causeway/plugin-simulation-common';
import { Text } from '@backstage/ui';
import { useId } from 'react';
import styles from '../Simulation.module.css';
import { useSimulationTranslation, type Translate } from '../translation';
import { describeClock } from './describeTime';
import { useWorldClock } from './useWorldClock';

/** The world at a glance: its clock, what it is made of, and which API servers have a fault. */
export function WorldPanel(props: { world: SimulatedWorld; readAt: number }) {
  const { t } = useSimulationTranslation();
  const heading = useId();
  const { world, readAt } = props;
  const { seed, counts } = world;
  const facts: readonly [string, string][] = [
    [t('world.seed'), String(seed)],
    [t('world.clusters'), number(counts.clusters)],
    [t('world.sites'), number(counts.sites)],
    [t('world.devices'), number(counts.devices)],
    [t('world.services'), number(counts.services)],
  ];
  return (
    <section className={styles.panel} aria-labelledby={heading}>
      <Text as="h2" id={heading} variant="body-large" weight="bold">
        {t('world.title')}
      </Text>
      <dl className={styles.facts}>
        <div>
          <dt>{t('world.clock')}</dt>
          <dd>
            <WorldClock shown={world.now} readAt={readAt} />
          </dd>
        </div>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Faults world={world} />
    </section>
  );
}

function WorldClock(props: { shown: string; readAt: number }) {
  const now = useWorldClock(props.shown, props.readAt);
  return (
    <time dateTime={new Date(now).toISOString()}>{describeClock(now)}</time>
  );
}

function Faults(props: { world: SimulatedWorld }) {
  const { t } = useSimulationTranslation();
  const troubled = props.world.clusters.filter(({ fault }) => fault !== 'none');
  if (troubled.length === 0) {
    return <p className={styles.quiet}>{t('world.well')}</p>;
  }
  return (
    <ul className={styles.faults} aria-label={t('world.faults')}>
      {troubled.map(({ name, fault }) => (
        <li key={name}>
          <b>{name}</b> {sayFault(fault, t)}
        </li>
      ))}
    </ul>
  );
}

function sayFault(fault: string, t: Translate): string {
  switch (fault) {
    case 'slow':
    case 'hang':
    case 'error':
    case 'forbidden':
    case 'malformed':
    case 'gone':
    case 'cut':
    case 'refuse':
      return t(`world.fault.${fault}`);
    default:
      return t('world.fault.other');
  }
}

function number(value: number): string {
  return new Intl.NumberFormat().format(value);
}
