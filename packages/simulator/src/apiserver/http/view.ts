// SPDX-License-Identifier: Apache-2.0
import type { ResourceRequest } from './Api';
import type { IncludeObject, View } from './render';

/** How a request wants its objects written. */
export function viewOf({ api, type, form, query }: ResourceRequest): View {
  return {
    type,
    form,
    includeObject: includeObjectOf(query.get('includeObject')),
    now: api.clock,
  };
}

function includeObjectOf(text: string | null): IncludeObject {
  return text === 'None' || text === 'Object' ? text : 'Metadata';
}
