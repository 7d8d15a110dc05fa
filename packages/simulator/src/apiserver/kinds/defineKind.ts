// SPDX-License-Identifier: Apache-2.0
import { plain } from '../patch/mergeSchema';
import { ageColumn, nameColumn } from '../table/columns';
import { apiVersionOf } from './ResourceType';
import type { ResourceType } from './ResourceType';

/** All that can be done to a stored kind. */
export const ALL_VERBS: readonly string[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

type Given = Pick<ResourceType, 'group' | 'version' | 'kind' | 'plural'> &
  Partial<ResourceType>;

/** A built-in kind: what is usual is left out. */
export function defineKind(given: Given): ResourceType {
  return {
    singular: given.kind.toLowerCase(),
    shortNames: [],
    namespaced: true,
    verbs: ALL_VERBS,
    collection: `${apiVersionOf(given)}/${given.plural}`,
    itemsCarryType: false,
    statusSubresource: false,
    counted: false,
    subresources: {},
    columns: [nameColumn, ageColumn],
    selectableFields: [],
    mergeSchema: plain,
    unconditionalUpdate: true,
    createOnUpdate: false,
    returnsDeletedObject: false,
    ...given,
  };
}
