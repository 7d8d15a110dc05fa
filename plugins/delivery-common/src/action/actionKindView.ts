// SPDX-License-Identifier: Apache-2.0
import type { FleetActionKind, FleetActionParameter } from '../api/views';
import type {
  ActionDevice,
  ActionKind,
  ActionParameterRule,
} from './actionKind';
import { parseActionParameters } from './parseActionParameters';

/** A kind as people see it who choose; for a device with what that has now of what can be chosen. */
export function actionKindView(
  { name, title, consequence, destructive, parameters }: ActionKind,
  device?: ActionDevice,
): FleetActionKind {
  return {
    name,
    title,
    consequence,
    destructive,
    parameters: parameters.map(({ rule, present, ...parameter }) => {
      const now = device && present?.(device);
      return {
        ...parameter,
        ...ruleView(rule, device),
        ...(now !== undefined && { present: now }),
      };
    }),
  };
}

/** A rule as the API tells it; of choices those that suit the device. */
function ruleView(rule: ActionParameterRule, device?: ActionDevice) {
  if (rule.type !== 'choice') return rule;
  const choices = rule.choices.filter(
    ({ suits }) => !device || !suits || suits(device),
  );
  return {
    type: rule.type,
    choices: choices.map(({ value, title }) => ({ value, title })),
  };
}

/**
 * What is wrong with a value for a parameter, by the rule that the backend has told: undefined when it is
 * fine, or when it is left out and need not be there.
 */
export function parameterProblem(
  { name, title, required, ...told }: FleetActionParameter,
  value: string | number | undefined,
): string | undefined {
  const parsing = parseActionParameters(
    { parameters: [{ name, title, required, rule: ruleOf(told) }] },
    value === undefined ? {} : { [name]: value },
  );
  return 'problems' in parsing ? parsing.problems[0] : undefined;
}

function ruleOf({
  type,
  pattern = '.*',
  means = '',
  maximumLength = Infinity,
  minimum = -Infinity,
  maximum = Infinity,
  usual = 0,
  choices = [],
}: Pick<
  FleetActionParameter,
  | 'type'
  | 'pattern'
  | 'means'
  | 'maximumLength'
  | 'minimum'
  | 'maximum'
  | 'usual'
  | 'choices'
>): ActionParameterRule {
  switch (type) {
    case 'integer':
      return { type, minimum, maximum, usual };
    case 'choice':
      return { type, choices };
    default:
      return { type, pattern, means, maximumLength };
  }
}
