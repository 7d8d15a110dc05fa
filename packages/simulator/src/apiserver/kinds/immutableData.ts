// SPDX-License-Identifier: Apache-2.0
import { sameJson } from '../objects';
import type { KubeObject } from '../objects';
import { forbiddenField } from '../status';
import type { Cause } from '../status';

/** What `immutable: true` of a ConfigMap or Secret forbids: to change its data, and to take it back. */
export function immutableViolations(
  object: KubeObject,
  previous: KubeObject | undefined,
  ...fields: string[]
): Cause[] {
  if (previous?.immutable !== true) return [];
  const changed = fields.filter(
    field => !sameJson(object[field], previous[field]),
  );
  const undone = object.immutable === true ? [] : ['immutable'];
  return [...undone, ...changed].map(field =>
    forbiddenField(field, 'field is immutable when `immutable` is set'),
  );
}
