// SPDX-License-Identifier: Apache-2.0

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g;
const quoted = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g;
const bare = /^\s*(?:[a-zA-Z_:][\w:]*\s*(?:\{[^{}]*\})?|\{[^{}]+\})\s*$/;

/** What stands for an arm of a canary in a query. */
export const armPlaceholders = ['namespace', 'workload', 'pod_regex'] as const;

/** Whether PromQL is a plain selector of series: a name with matchers, no function, range or offset. */
export function isSelector(promql: string): boolean {
  return bare.test(promql.replace(quoted, '""'));
}

/** A query for one arm. Placeholders without a value are left as they are. */
export function fillTemplate(
  template: string,
  values: Readonly<Record<string, string>>,
): string {
  return template.replace(placeholder, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name] : whole,
  );
}

/**
 * What is wrong with a query, put behind its name: a placeholder that does not exist, none that tells
 * the arms apart, or more than a selector where a counter is asked for. Undefined when it can be asked.
 */
export function templateProblem(
  template: string,
  asked: {
    readonly placeholders: readonly string[];
    /** Counters are read as they were stored, so a plain selector is needed. */
    readonly isCounter: boolean;
  },
): string | undefined {
  const { placeholders, isCounter } = asked;
  const used = [...template.matchAll(placeholder)].map(([, name]) => name);
  const strange = used.find(name => !placeholders.includes(name));
  if (strange !== undefined) {
    const known = placeholders.map(name => `{{${name}}}`);
    return `uses {{${strange}}}; there are ${known
      .slice(0, -1)
      .join(', ')} and ${known[known.length - 1]}.`;
  }
  if (!used.some(name => name === 'workload' || name === 'pod_regex')) {
    return 'must use {{workload}} or {{pod_regex}}, or canary and baseline can not be told apart.';
  }
  if (isCounter && !isSelector(template.replace(placeholder, 'x'))) {
    return 'must be a plain selector like name{label="value"}, without functions or ranges.';
  }
  return undefined;
}
