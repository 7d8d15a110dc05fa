// SPDX-License-Identifier: Apache-2.0
import { Button, SearchField, Text } from '@backstage/ui';
import type {
  ScenarioDescription,
  ScenarioSubject,
  SimulationControl,
} from '@causeway/plugin-simulation-common';
import { useId, useState } from 'react';
import styles from '../Simulation.module.css';
import { useSimulationTranslation } from '../translation';
import { StartDialog } from './StartDialog';

/** What can be started, by what it meddles with. */
export function Catalogue(props: {
  scenarios: readonly ScenarioDescription[];
  control: SimulationControl;
}) {
  const { t } = useSimulationTranslation();
  const heading = useId();
  const reason = useId();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<ScenarioDescription>();
  const { scenarios, control } = props;
  const found = scenarios.filter(scenario => isAbout(scenario, text));
  return (
    <section className={styles.panel} aria-labelledby={heading}>
      <header className={styles.header}>
        <Text as="h2" id={heading} variant="body-large" weight="bold">
          {t('catalogue.title')}
        </Text>
        <SearchField
          className={styles.search}
          aria-label={t('catalogue.filter')}
          placeholder={t('catalogue.filter')}
          value={text}
          onChange={setText}
        />
      </header>
      {!control.allowed && (
        <p id={reason} className={styles.quiet}>
          {control.reason}
        </p>
      )}
      {found.length === 0 && (
        <p className={styles.quiet} role="status">
          {t('catalogue.noneFound', { text })}
        </p>
      )}
      {subjectsOf(found).map(subject => (
        <Subject
          key={subject}
          title={t(`catalogue.subject.${subject}`)}
          scenarios={found.filter(scenario => scenario.subject === subject)}
          reasonId={control.allowed ? undefined : reason}
          onStart={setChosen}
        />
      ))}
      {chosen && (
        <StartDialog
          key={chosen.name}
          scenario={chosen}
          onClose={() => setChosen(undefined)}
        />
      )}
    </section>
  );
}

function Subject(props: {
  title: string;
  scenarios: readonly ScenarioDescription[];
  /** Id of the text that says why nothing may be started; undefined when it may. */
  reasonId: string | undefined;
  onStart: (scenario: ScenarioDescription) => void;
}) {
  const { t } = useSimulationTranslation();
  const heading = useId();
  const { title, scenarios, reasonId, onStart } = props;
  return (
    <div className={styles.subject}>
      <Text as="h3" id={heading} variant="body-medium" weight="bold">
        {title}
      </Text>
      <ul className={styles.scenarios} aria-labelledby={heading}>
        {scenarios.map(scenario => (
          <li key={scenario.name} className={styles.scenario}>
            <div className={styles.text}>
              <p>
                <b>{scenario.title}</b>
              </p>
              <p className={styles.quiet}>{scenario.description}</p>
            </div>
            <Button
              variant="secondary"
              className={styles.button}
              data-blocked={reasonId ? '' : undefined}
              aria-disabled={reasonId ? true : undefined}
              aria-describedby={reasonId}
              aria-label={t('catalogue.startOf', { title: scenario.title })}
              onPress={reasonId ? undefined : () => onStart(scenario)}
            >
              {t('catalogue.start')}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function isAbout({ title, description }: ScenarioDescription, text: string) {
  const wanted = text.trim().toLowerCase();
  return `${title} ${description}`.toLowerCase().includes(wanted);
}

function subjectsOf(
  scenarios: readonly ScenarioDescription[],
): readonly ScenarioSubject[] {
  return [...new Set(scenarios.map(({ subject }) => subject))];
}
