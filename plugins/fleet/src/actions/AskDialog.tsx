// SPDX-License-Identifier: Apache-2.0
import {
  parameterProblem,
  type FleetActionKind,
  type FleetActionParameter,
  type FleetActionPlan,
} from '@causeway/plugin-delivery-common';
import type { Reading } from '@causeway/plugin-delivery-react';
import { useState } from 'react';
import { Loaded } from '../Loaded';
import { useFleetTranslation, type Translate } from '../translation';
import { clusterName, deviceName } from '../deviceName';
import { ActionFrame, ReasonField } from './ActionFrame';
import styles from './Actions.module.css';
import { ParameterField, valueOf } from './ParameterField';
import { useActionCommand, useActionPlan } from './useActions';

const expiries = [
  { minutes: 60, word: 'action.hour' },
  { minutes: 24 * 60, word: 'action.day' },
  { minutes: 7 * 24 * 60, word: 'action.week' },
] as const;

/** What will happen to which devices, why, and the button that asks for it. */
export function AskDialog(props: {
  kind: FleetActionKind;
  /** Ids. */
  devices: readonly string[];
  /** What can be chosen on the device, by the name of the parameter; a single one is chosen already. */
  offers?: Readonly<Record<string, readonly string[]>>;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useFleetTranslation();
  const { kind, devices, offers = {}, onDone, onClose } = props;
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState(24 * 60);
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(
      Object.entries(offers).flatMap(([name, [only, ...more]]) =>
        only !== undefined && more.length === 0 ? [[name, only]] : [],
      ),
    ),
  );
  const parameters = valuesOf(kind.parameters, texts);
  const problem = kind.parameters
    .map(parameter => parameterProblem(parameter, parameters[parameter.name]))
    .find(each => each !== undefined);
  const wish = { kind: kind.name, devices, parameters };
  // What would happen does not depend on the reason, so typing it asks nothing anew.
  const plan = useActionPlan({ ...wish, reason: '-' }, problem === undefined);
  const command = useActionCommand(
    (client, options) =>
      client.requestFleetActions(
        { ...wish, reason: reason.trim(), expiresInMinutes: minutes },
        options,
      ),
    onDone,
  );
  const count = touchedBy(plan);
  return (
    <ActionFrame
      title={
        devices.length === 1
          ? t('action.askTitle', {
              kind: kind.title,
              device: deviceName(devices[0]),
            })
          : t('action.askMany', {
              kind: kind.title,
              devices: devices.length,
            })
      }
      confirm={confirmText(t, kind, plan, count)}
      blocked={blockedBecause(t, { problem, plan, count, reason })}
      isDestructive={kind.destructive}
      command={command}
      onClose={onClose}
    >
      <section>
        <h3>{t('action.consequence')}</h3>
        <p>{kind.consequence}</p>
      </section>
      {kind.parameters.map(parameter => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          text={texts[parameter.name] ?? ''}
          offered={offers[parameter.name]}
          onChange={text => setTexts({ ...texts, [parameter.name]: text })}
        />
      ))}
      {problem === undefined && (
        <section aria-label={t('action.plan')}>
          <h3>{t('action.plan')}</h3>
          <Loaded reading={plan} loading={t('action.planning')}>
            {view => <Verdicts plan={view} />}
          </Loaded>
        </section>
      )}
      <ReasonField value={reason} onChange={setReason} />
      <label className={styles.field}>
        {t('action.expires')}
        <select
          value={minutes}
          onChange={event => setMinutes(Number(event.target.value))}
        >
          {expiries.map(each => (
            <option key={each.minutes} value={each.minutes}>
              {t(each.word)}
            </option>
          ))}
        </select>
      </label>
    </ActionFrame>
  );
}

function Verdicts(props: { plan: FleetActionPlan }) {
  const { t } = useFleetTranslation();
  const { verdicts, approval } = props.plan;
  // Nodes of two clusters may have one name.
  const isMany =
    new Set(verdicts.map(({ device }) => clusterName(device))).size > 1;
  const words = {
    now: t('action.planNow'),
    queued: t('action.planQueued'),
    refused: t('action.planRefused'),
  };
  return (
    <>
      <ul className={styles.verdicts}>
        {verdicts.map(({ device, verdict, reason }) => (
          <li key={device} data-verdict={verdict}>
            <span>
              {deviceName(device)}
              {isMany && <small>{clusterName(device)}</small>}
            </span>
            <span>
              {words[verdict]}
              {reason && <>: {reason.message}</>}
            </span>
          </li>
        ))}
      </ul>
      {approval && <p role="status">{approval}</p>}
    </>
  );
}

function valuesOf(
  parameters: readonly FleetActionParameter[],
  texts: Readonly<Record<string, string>>,
): Record<string, string | number> {
  return Object.fromEntries(
    parameters.flatMap(parameter => {
      const value = valueOf(parameter, texts[parameter.name]);
      return value === undefined ? [] : [[parameter.name, value]];
    }),
  );
}

function touchedBy(plan: Reading<FleetActionPlan>): number | undefined {
  return plan.status === 'ready'
    ? plan.value.verdicts.filter(({ verdict }) => verdict !== 'refused').length
    : undefined;
}

function blockedBecause(
  t: Translate,
  given: {
    problem: string | undefined;
    plan: Reading<FleetActionPlan>;
    count: number | undefined;
    reason: string;
  },
): string | undefined {
  const { problem, plan, count, reason } = given;
  if (problem) return problem;
  if (plan.status === 'failed') return plan.problem.message;
  if (count === undefined) return t('action.planning');
  if (count === 0) return t('action.nothingToDo');
  return reason.trim() === '' ? t('action.reasonFirst') : undefined;
}

function confirmText(
  t: Translate,
  kind: FleetActionKind,
  plan: Reading<FleetActionPlan>,
  count: number | undefined,
): string {
  if (plan.status === 'ready' && plan.value.approval) {
    return t('action.confirmApproval');
  }
  return count !== undefined && count > 1
    ? t('action.confirmMany', { kind: kind.title, devices: count })
    : t('action.confirm', { kind: kind.title });
}
