// SPDX-License-Identifier: Apache-2.0
import { notAcceptable } from '../status';

/** How an answer is written: whole objects, a table of cells, or metadata only. */
export type Form = 'object' | 'table' | 'metadata';

const FORMS: Readonly<Record<string, Form>> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadata',
};

/**
 * The first form of the `Accept` header that the server can write.
 *
 * @throws ApiError 406 when there is none, for example for protobuf only.
 */
export function formOf(accept: string | undefined): Form {
  if (!accept) return 'object';
  for (const clause of accept.split(',')) {
    const [type, ...parameters] = clause.split(';').map(part => part.trim());
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue;
    const as = parameters.find(parameter => parameter.startsWith('as='));
    if (as === undefined) return 'object';
    const form = FORMS[as.slice(3)];
    if (form) return form;
  }
  throw notAcceptable(['application/json']);
}
