// SPDX-License-Identifier: Apache-2.0
import { toastApiRef, useApi } from '@backstage/frontend-plugin-api';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Select,
} from '@backstage/ui';
import type { ScenarioDescription } from '@causeway/plugin-simulation-common';
import { useId, useState, type FormEvent } from 'react';
import { sentenceOf } from '../api/SimulationProblem';
import { useStart } from '../data/queries';
import styles from '../Simulation.module.css';
import { useSimulationTranslation } from '../translation';
import { checkDraft, firstDraft } from './draft';
import { ParameterField } from './ParameterField';

const FOREVER = 'forever';

/** Asks for the parameters of a scenario and starts it. */
export function StartDialog(props: {
  scenario: ScenarioDescription;
  onClose: () => void;
}) {
  const { t } = useSimulationTranslation();
  const toasts = useApi(toastApiRef);
  const form = useId();
  const { scenario, onClose } = props;
  const { name, title, description, parameters } = scenario;
  const [draft, setDraft] = useState(() => firstDraft(parameters));
  const [duration, setDuration] = useState('300');
  const [wasTried, setTried] = useState(false);
  const checked = checkDraft(parameters, draft);
  const problems =
    wasTried && checked.kind === 'refused' ? checked.problems : {};
  const start = useStart(run => {
    toasts.post({
      title: t('form.started', { title: run.title }),
      status: 'success',
      timeout: 5_000,
    });
    onClose();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (checked.kind === 'refused' || start.isPending) return;
    start.mutate({
      scenario: name,
      parameters: checked.values,
      ...(duration !== FOREVER && { seconds: Number(duration) }),
    });
  };
  return (
    <Dialog
      isOpen
      width={560}
      className={styles.dialog}
      onOpenChange={isOpen => {
        if (!isOpen) onClose();
      }}
    >
      <DialogHeader>{title}</DialogHeader>
      <DialogBody>
        <form id={form} noValidate className={styles.form} onSubmit={submit}>
          <p className={styles.quiet}>{description}</p>
          {Object.entries(parameters.properties).map(([key, property]) => (
            <ParameterField
              key={key}
              property={property}
              isRequired={parameters.required.includes(key)}
              value={draft[key]}
              problem={problems[key]}
              onChange={value =>
                setDraft(before => ({ ...before, [key]: value }))
              }
            />
          ))}
          <Select
            label={t('form.duration')}
            options={[
              { id: '60', label: t('form.oneMinute') },
              { id: '300', label: t('form.fiveMinutes') },
              { id: '1800', label: t('form.thirtyMinutes') },
              { id: FOREVER, label: t('form.forever') },
            ]}
            value={duration}
            onChange={key => setDuration(String(key))}
          />
          {start.error && (
            <Alert
              status="danger"
              icon
              role="alert"
              title={t('form.refused')}
              description={sentenceOf(start.error)}
            />
          )}
        </form>
      </DialogBody>
      <DialogFooter>
        <Button variant="secondary" className={styles.button} onPress={onClose}>
          {t('form.cancel')}
        </Button>
        <Button
          variant="primary"
          className={styles.button}
          type="submit"
          form={form}
          isPending={start.isPending}
        >
          {start.isPending ? t('form.starting') : t('form.start')}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
