// SPDX-License-Identifier: Apache-2.0
import type { FaultScope } from './Fault';

/** What a request is, as far as faults can tell requests apart. One object per request. */
export interface FaultTarget {
  readonly verb: string;
  /** Without the query. */
  readonly path: string;
  readonly resource?: string;
  readonly namespace?: string;
}

/** Whether a request is among those that a scope names, its share left aside. */
export function isInScope(
  { verbs, resources, namespaces, paths }: FaultScope,
  target: FaultTarget,
): boolean {
  const { verb, path, resource = '', namespace = '' } = target;
  const any = (list: readonly string[] | undefined, value: string) =>
    list === undefined || list.some(pattern => matches(pattern, value));
  return (
    (verbs === undefined || verbs.includes(verb)) &&
    any(resources, resource) &&
    any(namespaces, namespace) &&
    (paths === undefined || paths.some(pattern => leadsTo(pattern, path)))
  );
}

function leadsTo(pattern: string, path: string): boolean {
  return pattern.includes('*')
    ? matches(pattern, path)
    : path === pattern ||
        path.startsWith(pattern.endsWith('/') ? pattern : `${pattern}/`);
}

function matches(pattern: string, value: string): boolean {
  if (!pattern.includes('*')) return pattern === value;
  const source = pattern
    .split(/(\*+)/)
    .map(part => {
      if (part === '*') return '[^/]*';
      return part.startsWith('*')
        ? '.*'
        : part.replace(/[.?+^$(){}|[\]\\]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${source}$`).test(value);
}
