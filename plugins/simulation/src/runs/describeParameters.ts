// SPDX-License-Identifier: Apache-2.0
import type {
  ParametersSchema,
  ParameterValues,
} from '@causeway/plugin-simulation-common';

/** Values in one line, as the form names them: `cloud-staging, delay of every answer 3000 ms`. */
export function describeParameters(
  values: ParameterValues,
  schema: ParametersSchema | undefined,
): string {
  return Object.entries(values)
    .map(([name, value]) => {
      const property = schema?.properties[name];
      if (property?.type === 'string' || typeof value === 'string')
        return String(value);
      const title = property?.title ?? name;
      return [decapitalised(title), value, property?.unit]
        .filter(part => part !== undefined)
        .join(' ');
    })
    .join(', ');
}

/** `How many` → `how many`, but `CPU` stays. */
function decapitalised(title: string): string {
  return /^[A-Z][a-z]/.test(title)
    ? title[0].toLowerCase() + title.slice(1)
    : title;
}
