// SPDX-License-Identifier: Apache-2.0
import {
  parseParameters,
  type ParametersSchema,
  type ParameterValues,
} from '@causeway/plugin-simulation-common';

/** What the form holds: a text or number for each parameter, undefined where nothing is chosen. */
export type Draft = Readonly<Record<string, string | number | undefined>>;

/** What a form starts with: the defaults, and the only choice where there is but one. */
export function firstDraft({ properties, required }: ParametersSchema): Draft {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const only =
        property.type === 'string' &&
        property.enum?.length === 1 &&
        required.includes(name)
          ? property.enum[0]
          : undefined;
      return [name, property.default ?? only];
    }),
  );
}

/** A draft that fits, or a sentence by parameter for what does not. */
export type CheckedDraft =
  | { readonly kind: 'values'; readonly values: ParameterValues }
  | {
      readonly kind: 'refused';
      readonly problems: Readonly<Record<string, string>>;
    };

/** Holds a draft against the schema, by the same rules as the simulator. */
export function checkDraft(
  schema: ParametersSchema,
  draft: Draft,
): CheckedDraft {
  const given = Object.fromEntries(
    Object.entries(draft).filter(
      ([, value]) =>
        value !== undefined && value !== '' && !Number.isNaN(value),
    ),
  );
  // A field that was emptied is not meant to take its default again.
  const emptied = Object.keys(schema.properties).filter(
    name =>
      schema.properties[name].default !== undefined &&
      schema.properties[name].type !== 'string' &&
      given[name] === undefined,
  );
  const parsed = parseParameters(schema, given);
  if (parsed.kind === 'values' && emptied.length === 0) return parsed;
  const problems = parsed.kind === 'refused' ? parsed.problems : [];
  return {
    kind: 'refused',
    problems: Object.fromEntries([
      ...problems.map(({ parameter, message }) => [parameter, message]),
      ...emptied.map(name => [
        name,
        `${schema.properties[name].title} is missing.`,
      ]),
    ]),
  };
}
