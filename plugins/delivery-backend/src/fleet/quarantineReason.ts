// SPDX-License-Identifier: Apache-2.0
import { listIn, recordIn, textIn } from '../clusters/fields';

/** Taint of a node that is kept apart from everything. Its value is why, as far as taints can say it. */
export const quarantineTaint = 'causeway.dev/quarantine';

/** Annotation of such a node with the reason as it was said. */
export const quarantineAnnotation = 'causeway.dev/quarantine-reason';

/** A reason as the value of a taint may be: letters, digits, `-`, `_` and `.`, at most 63. */
export function taintValueOf(reason: string): string {
  return reason
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}

/**
 * Why a Node is quarantined; undefined when it is not. The taint decides: an annotation that says
 * something else belongs to another quarantine.
 */
export function quarantineReason(node: unknown): string | undefined {
  const taint = listIn(recordIn(node, 'spec'), 'taints').find(
    each => textIn(each, 'key') === quarantineTaint,
  );
  if (taint === undefined) return undefined;
  const value = textIn(taint, 'value') ?? '';
  const annotations = recordIn(recordIn(node, 'metadata'), 'annotations');
  const reason = textIn(annotations, quarantineAnnotation);
  return reason !== undefined && taintValueOf(reason) === value
    ? reason
    : value;
}
