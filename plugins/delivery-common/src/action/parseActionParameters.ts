// SPDX-License-Identifier: Apache-2.0
import type {
  ActionKind,
  ActionParameter,
  ActionParameters,
} from './actionKind';

/** What a request's parameters are: values that keep their rules, or a sentence for each mistake. */
export type ActionParametersParsing =
  | { readonly parameters: ActionParameters }
  | { readonly problems: readonly string[] };

/**
 * Checks the parameters of a request against the kind. Unknown ones are a mistake and never passed on:
 * what reaches a cluster or a device consists only of what a rule allows, so that no text of a request
 * can become a command, a path or another field there.
 */
export function parseActionParameters(
  kind: Pick<ActionKind, 'parameters'>,
  given: Readonly<Record<string, unknown>>,
): ActionParametersParsing {
  const problems: string[] = [];
  const entries: [string, string | number][] = [];
  const known = new Set(kind.parameters.map(({ name }) => name));
  for (const name of Object.keys(given)) {
    if (!known.has(name)) {
      problems.push('There is a parameter that this action does not have.');
    }
  }
  for (const parameter of kind.parameters) {
    const value = Object.hasOwn(given, parameter.name)
      ? given[parameter.name]
      : undefined;
    const reading = readParameter(parameter, value);
    if (typeof reading === 'object') problems.push(reading.problem);
    else if (reading !== undefined) entries.push([parameter.name, reading]);
  }
  return problems.length > 0
    ? { problems: [...new Set(problems)] }
    : { parameters: Object.fromEntries(entries) };
}

function readParameter(
  { title, required, rule }: ActionParameter,
  value: unknown,
): string | number | undefined | { readonly problem: string } {
  if (value === undefined) {
    if (required) return { problem: `${title} is missing.` };
    return rule.type === 'integer' ? rule.usual : undefined;
  }
  if (rule.type === 'integer') {
    const { minimum, maximum } = rule;
    return typeof value === 'number' &&
      Number.isSafeInteger(value) &&
      value >= minimum &&
      value <= maximum
      ? value
      : {
          problem: `${title} must be a whole number from ${minimum} to ${maximum}.`,
        };
  }
  if (rule.type === 'choice') {
    const chosen = rule.choices.find(choice => choice.value === value);
    return (
      chosen?.value ?? {
        problem: `${title} must be one of those that are offered.`,
      }
    );
  }
  const isFine =
    typeof value === 'string' &&
    value.length <= rule.maximumLength &&
    // Without `m`, so that a line break never ends the text for the rule and goes on for the device.
    new RegExp(`^(?:${rule.pattern})$`).test(value) &&
    !/[\r\n\0]/.test(value);
  return isFine ? value : { problem: `${title} must be ${rule.means}.` };
}
