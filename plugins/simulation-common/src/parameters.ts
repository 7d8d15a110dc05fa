// SPDX-License-Identifier: Apache-2.0

/** One parameter of a scenario, as JSON Schema describes a property, and its unit. */
export type ParameterSchema = (
  | {
      readonly type: 'string';
      /** The values it may have; any text when left out. */
      readonly enum?: readonly string[];
      readonly maxLength?: number;
      readonly default?: string;
    }
  | {
      readonly type: 'number' | 'integer';
      readonly minimum?: number;
      readonly maximum?: number;
      readonly default?: number;
      /** For people, for example `%` or `ms`. */
      readonly unit?: string;
    }
) & {
  readonly title: string;
  readonly description?: string;
};

/** The parameters of a scenario: a JSON Schema object that knows no others. */
export interface ParametersSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, ParameterSchema>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

/** Values by parameter name. */
export type ParameterValues = Readonly<Record<string, string | number>>;

/** Values that fit, or a sentence for each that does not. */
export type ParsedParameters =
  | { readonly kind: 'values'; readonly values: ParameterValues }
  | {
      readonly kind: 'refused';
      readonly problems: readonly ParameterProblem[];
    };

/** What is wrong with one parameter. */
export interface ParameterProblem {
  readonly parameter: string;
  /** A sentence that names the parameter by its title. */
  readonly message: string;
}

/** Reads values against a schema. Parameters left out take their default; unknown ones are refused. */
export function parseParameters(
  schema: ParametersSchema,
  given: unknown,
): ParsedParameters {
  if (!isRecord(given)) {
    return refused([
      { parameter: '', message: 'The parameters must be a JSON object.' },
    ]);
  }
  const problems: ParameterProblem[] = [];
  const values: Record<string, string | number> = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(schema.properties, name)) {
      problems.push({ parameter: name, message: sayUnknown(schema, name) });
    }
  }
  for (const [name, property] of Object.entries(schema.properties)) {
    const value = given[name] ?? property.default;
    if (value === undefined) {
      if (schema.required.includes(name)) {
        const message = `${property.title} is missing.`;
        problems.push({ parameter: name, message });
      }
      continue;
    }
    const message = problemOf(property, value);
    if (message) problems.push({ parameter: name, message });
    else if (typeof value === 'string' || typeof value === 'number')
      values[name] = value;
  }
  return problems.length > 0 ? refused(problems) : { kind: 'values', values };
}

function refused(problems: readonly ParameterProblem[]): ParsedParameters {
  return { kind: 'refused', problems };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sayUnknown({ properties }: ParametersSchema, name: string): string {
  const known = Object.keys(properties);
  return known.length > 0
    ? `There is no parameter ${name}; there are ${known.join(', ')}.`
    : `There is no parameter ${name}; this scenario has none.`;
}

/** What is wrong with a value, as a sentence; undefined when it fits. */
function problemOf(
  property: ParameterSchema,
  value: unknown,
): string | undefined {
  const { title } = property;
  if (property.type === 'string') {
    if (typeof value !== 'string') return `${title} must be a text.`;
    if (property.enum && !property.enum.includes(value))
      return `${title} must be one of ${property.enum.join(', ')}.`;
    const { maxLength = 200 } = property;
    return value.length > maxLength
      ? `${title} must have at most ${maxLength} characters.`
      : undefined;
  }
  const { minimum = -Infinity, maximum = Infinity, unit = '' } = property;
  if (typeof value !== 'number' || !Number.isFinite(value))
    return `${title} must be a number.`;
  if (property.type === 'integer' && !Number.isInteger(value))
    return `${title} must be a whole number.`;
  if (value < minimum || value > maximum)
    return `${title} must be ${sayRange(minimum, maximum)}${
      unit && ` ${unit}`
    }.`;
  return undefined;
}

function sayRange(minimum: number, maximum: number): string {
  if (maximum === Infinity) return `at least ${minimum}`;
  if (minimum === -Infinity) return `at most ${maximum}`;
  return `from ${minimum} to ${maximum}`;
}
