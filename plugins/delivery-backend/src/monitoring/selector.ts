// SPDX-License-Identifier: Apache-2.0
import type { Labels } from './series';

const matcher = /([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g;

/**
 * Whether a series is one that a selector asks for. A server that ignores matchers would give one arm
 * the other's requests, so its answer is looked through. Matchers that can not be read here take anything.
 */
export function selects(selector: string): (labels: Labels) => boolean {
  const name = /^\s*([a-zA-Z_:][\w:]*)/.exec(selector)?.[1];
  const inside = selector.slice(name?.length ?? 0);
  const tests = [...inside.matchAll(matcher)].map(
    ([, label, operator, text]) => {
      const takes = valueTest(operator, text.replace(/\\(.)/g, '$1'));
      return (labels: Labels) => takes(labels[label] ?? '');
    },
  );
  return labels =>
    (name === undefined ||
      labels.__name__ === undefined ||
      labels.__name__ === name) &&
    tests.every(test => test(labels));
}

function valueTest(operator: string, text: string): (value: string) => boolean {
  if (operator === '=') return value => value === text;
  if (operator === '!=') return value => value !== text;
  const expression = wholeMatch(text);
  if (!expression) return () => true;
  return value => expression.test(value) === (operator === '=~');
}

/** A regular expression of PromQL, which always takes the whole value; undefined when it is none here. */
export function wholeMatch(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`, 's');
  } catch {
    return undefined;
  }
}
