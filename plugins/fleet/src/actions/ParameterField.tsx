// SPDX-License-Identifier: Apache-2.0
import {
  parameterProblem,
  type FleetActionParameter,
} from '@causeway/plugin-delivery-common';
import { useId } from 'react';
import { useFleetTranslation } from '../translation';
import styles from './Actions.module.css';

/** A value as the API takes it; undefined while nothing is typed. */
export function valueOf(
  { type }: FleetActionParameter,
  text: string | undefined,
): string | number | undefined {
  const trimmed = text?.trim();
  if (!trimmed) return undefined;
  return type === 'integer' ? Number(trimmed) : trimmed;
}

/** Something that can be chosen for an action: what the device has now, and while one types, what is wrong with it. */
export function ParameterField(props: {
  parameter: FleetActionParameter;
  text: string;
  /** What there is to choose; something else may be typed all the same. */
  offered?: readonly string[];
  onChange: (text: string) => void;
}) {
  const { t } = useFleetTranslation();
  const { parameter, text } = props;
  const { title, type, present } = parameter;
  const hintId = useId();
  const value = valueOf(parameter, text);
  const problem =
    value === undefined ? undefined : parameterProblem(parameter, value);
  const hint =
    problem ??
    (present === undefined ? undefined : t('action.present', { present }));
  const Control = type === 'choice' ? Choice : TextInput;
  return (
    <label className={styles.field}>
      {title}
      <Control {...props} isInvalid={problem !== undefined} hintId={hintId} />
      <span
        id={hintId}
        className={problem === undefined ? styles.why : styles.wrong}
        aria-live="polite"
      >
        {hint}
      </span>
    </label>
  );
}

interface ControlProps {
  parameter: FleetActionParameter;
  text: string;
  offered?: readonly string[];
  isInvalid: boolean;
  hintId: string;
  onChange: (text: string) => void;
}

function Choice({ parameter, text, hintId, onChange }: ControlProps) {
  const { t } = useFleetTranslation();
  return (
    <select
      value={text}
      aria-describedby={hintId}
      onChange={event => onChange(event.target.value)}
    >
      <option value="">{t('action.choose')}</option>
      {parameter.choices?.map(({ value, title }) => (
        <option key={value} value={value}>
          {title}
        </option>
      ))}
    </select>
  );
}

function TextInput(props: ControlProps) {
  const { parameter, text, offered = [], isInvalid, hintId, onChange } = props;
  const listId = useId();
  const { type, minimum, maximum, usual, means } = parameter;
  return (
    <>
      <input
        type={type === 'integer' ? 'number' : 'text'}
        value={text}
        min={minimum}
        max={maximum}
        maxLength={parameter.maximumLength}
        placeholder={usual === undefined ? means : String(usual)}
        list={offered.length > 0 ? listId : undefined}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={isInvalid}
        aria-describedby={hintId}
        onChange={event => onChange(event.target.value)}
      />
      <datalist id={listId}>
        {offered.map(each => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </>
  );
}
