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
        ...rule,
        ...(now !== undefined && { present: now }),
      };
    }),
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
}: Pick<
  FleetActionParameter,
  | 'type'
  | 'pattern'
  | 'means'
  | 'maximumLength'
  | 'minimum'
  | 'maximum'
  | 'usual'
>): ActionParameterRule {
  return type === 'integer'
    ? { type, minimum, maximum, usual }
    : { type, pattern, means, maximumLength };
}
