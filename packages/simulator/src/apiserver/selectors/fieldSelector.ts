// SPDX-License-Identifier: Apache-2.0
import { valueAt } from '../objects';
import type { KubeObject } from '../objects';
import { badRequest } from '../status';

/** Answers whether an object is selected. */
export type FieldSelector = (object: KubeObject) => boolean;

/** A field a list may be narrowed by: its name and where to find it. */
export interface SelectableField {
  readonly label: string;
  readonly path: readonly string[];
  /** Value of an object that has no such field; empty when left out. */
  readonly absent?: string;
}

/** A field whose name is its path: `spec.nodeName`. */
export function field(label: string, absent?: string): SelectableField {
  return {
    label,
    path: label.split('.'),
    ...(absent !== undefined && { absent }),
  };
}

const ALWAYS = [field('metadata.name'), field('metadata.namespace')];

/**
 * Parses the `fieldSelector` parameter: `spec.nodeName=a,status.phase!=Running`.
 *
 * @throws ApiError 400 for a field that the kind does not offer.
 */
export function parseFieldSelector(
  text: string,
  selectable: readonly SelectableField[],
): FieldSelector {
  const fields = [...ALWAYS, ...selectable];
  const terms = text.split(',').filter(Boolean);
  const requirements = terms.map(term => parseTerm(term, fields));
  return object => requirements.every(matches => matches(object));
}

function parseTerm(
  term: string,
  fields: readonly SelectableField[],
): FieldSelector {
  const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(term);
  if (!match) {
    throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  }
  const [, label, operator, wanted] = match;
  const selected = fields.find(candidate => candidate.label === label);
  if (!selected) throw badRequest(`field label not supported: ${label}`);
  return object => {
    const found = valueAt(object, selected.path);
    const value = found === undefined ? selected.absent ?? '' : String(found);
    return (value === wanted) === (operator !== '!=');
  };
}
