// SPDX-License-Identifier: Apache-2.0
import { isJsonObject, listAt, textAt } from '../objects';
import type { Json } from '../objects';
import { badRequest } from '../status';

type Labels = Readonly<Record<string, string>>;

/** Answers whether a set of labels is selected. */
export type LabelSelector = (labels: Labels) => boolean;

const KEY = String.raw`[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?`;
const VALUE = String.raw`(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?`;
const EXISTS = new RegExp(`^(!?)\\s*(${KEY})$`);
const EQUALS = new RegExp(`^(${KEY})\\s*(=|==|!=)\\s*(${VALUE})$`);
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);

/**
 * Parses the `labelSelector` parameter: `a=b,c!=d,e in (f,g),h,!i`.
 *
 * @throws ApiError 400 for text that is not a selector.
 */
export function parseLabelSelector(text: string): LabelSelector {
  const requirements = splitOutsideParentheses(text).map(parseRequirement);
  return labels => requirements.every(matches => matches(labels));
}

/** The selector of a `LabelSelector` object (`matchLabels`, `matchExpressions`). */
export function labelSelectorOf(selector: Json | undefined): LabelSelector {
  const requirements: LabelSelector[] = [];
  const matchLabels = isJsonObject(selector) ? selector.matchLabels : undefined;
  if (isJsonObject(matchLabels)) {
    for (const [key, value] of Object.entries(matchLabels)) {
      requirements.push(labels => labels[key] === value);
    }
  }
  for (const expression of listAt(selector, 'matchExpressions')) {
    const values = listAt(expression, 'values').map(String);
    requirements.push(
      requirement(
        textAt(expression, 'key'),
        textAt(expression, 'operator').toLowerCase(),
        values,
      ),
    );
  }
  return labels => requirements.every(matches => matches(labels));
}

/** The `labelSelector` text of a `LabelSelector` object, as `scale` shows it. */
export function labelSelectorText(selector: Json | undefined): string {
  const parts: string[] = [];
  const matchLabels = isJsonObject(selector) ? selector.matchLabels : undefined;
  if (isJsonObject(matchLabels)) {
    for (const [key, value] of Object.entries(matchLabels)) {
      parts.push(`${key}=${value}`);
    }
  }
  for (const expression of listAt(selector, 'matchExpressions')) {
    const key = textAt(expression, 'key');
    const operator = textAt(expression, 'operator');
    const values = listAt(expression, 'values').map(String).sort().join(',');
    if (operator === 'Exists') parts.push(key);
    else if (operator === 'DoesNotExist') parts.push(`!${key}`);
    else parts.push(`${key} ${operator.toLowerCase()} (${values})`);
  }
  return parts.sort().join(',');
}

function parseRequirement(text: string): LabelSelector {
  const exists = EXISTS.exec(text);
  if (exists) {
    const operator = exists[1] ? 'doesnotexist' : 'exists';
    return requirement(exists[2], operator, []);
  }
  const equals = EQUALS.exec(text);
  if (equals) {
    const operator = equals[2] === '!=' ? 'notin' : 'in';
    return requirement(equals[1], operator, [equals[3]]);
  }
  const set = SET.exec(text);
  if (set) {
    const values = set[3].split(',').map(value => value.trim());
    return requirement(set[1], set[2], values);
  }
  throw badRequest(
    `unable to parse requirement: found '${text}', expected: a label selector`,
  );
}

function requirement(
  key: string,
  operator: string,
  values: readonly string[],
): LabelSelector {
  switch (operator) {
    case 'in':
      return labels => key in labels && values.includes(labels[key]);
    case 'notin':
      return labels => !(key in labels) || !values.includes(labels[key]);
    case 'exists':
      return labels => key in labels;
    case 'doesnotexist':
      return labels => !(key in labels);
    default:
      throw badRequest(`"${operator}" is not a valid label selector operator`);
  }
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let current = '';
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) {
      parts.push(current.trim());
      current = '';
    } else current += character;
  }
  if (text.trim()) parts.push(current.trim());
  return parts;
}
