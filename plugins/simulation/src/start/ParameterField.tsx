// SPDX-License-Identifier: Apache-2.0
import { NumberField, Select, TextField } from '@backstage/ui';
import type { ParameterSchema } from '@causeway/plugin-simulation-common';
import { useSimulationTranslation } from '../translation';

/** Stands for nothing chosen; no value is empty. */
const NOTHING = '';

/** The field of one parameter: a choice, a number or a text. */
export function ParameterField(props: {
  property: ParameterSchema;
  isRequired: boolean;
  value: string | number | undefined;
  problem: string | undefined;
  onChange: (value: string | number | undefined) => void;
}) {
  const { t } = useSimulationTranslation();
  const { property, isRequired, value, problem, onChange } = props;
  const shared = {
    label: property.title,
    description: problem ?? property.description,
    isRequired,
    isInvalid: problem !== undefined,
  };
  if (property.type !== 'string') {
    return (
      <NumberField
        {...shared}
        secondaryLabel={property.unit}
        minValue={property.minimum}
        maxValue={property.maximum}
        step={property.type === 'integer' ? 1 : undefined}
        value={typeof value === 'number' ? value : Number.NaN}
        onChange={onChange}
      />
    );
  }
  if (property.enum) {
    const options = property.enum.map(choice => ({
      id: choice,
      label: choice,
    }));
    return (
      <Select
        {...shared}
        options={
          isRequired
            ? options
            : [{ id: NOTHING, label: t('form.anything') }, ...options]
        }
        value={value ?? (isRequired ? null : NOTHING)}
        onChange={key =>
          onChange(key === NOTHING || key === null ? undefined : String(key))
        }
      />
    );
  }
  return (
    <TextField
      {...shared}
      maxLength={property.maxLength}
      value={String(value ?? '')}
      onChange={onChange}
    />
  );
}
