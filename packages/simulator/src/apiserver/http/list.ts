// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from '../kinds/ResourceType';
import type { JsonObject } from '../objects';
import { ApiError, expired } from '../status';
import type { Entry } from '../store/Store';
import type { Api, ResourceRequest } from './Api';
import { continueToken, parseListOptions } from './listOptions';
import type { ListOptions } from './listOptions';
import { renderList } from './render';
import { sendPieces } from './respond';
import { viewOf } from './view';

/** One page of a list with what its metadata says. */
export interface Page {
  readonly entries: readonly Entry[];
  readonly metadata: JsonObject;
}

/** `GET` of a collection. */
export async function list(incoming: ResourceRequest): Promise<void> {
  const { api, type, namespace, query, response } = incoming;
  const page = readPage(api, type, namespace, parseListOptions(type, query));
  await sendPieces(
    response,
    renderList(viewOf(incoming), page.entries, page.metadata),
  );
}

/**
 * Reads one page. All pages of one list show the state of the first.
 *
 * @throws ApiError 410 when that state is forgotten, 504 for a version that
 *   does not exist yet.
 */
export function readPage(
  api: Api,
  type: ResourceType,
  namespace: string | undefined,
  options: ListOptions,
): Page {
  const { continuation, limit } = options;
  const revision = revisionFor(api, options);
  const all = entriesAt(api, type, namespace, options, revision);
  const matching: Entry[] = [];
  let left = 0;
  for (const entry of all) {
    if (continuation && entry.key <= continuation.after) continue;
    if (options.isNarrowed && !options.selects(entry.object)) continue;
    if (limit !== undefined && matching.length === limit) left += 1;
    else matching.push(entry);
  }
  const last = matching[matching.length - 1];
  return {
    entries: matching,
    metadata: {
      resourceVersion: String(revision),
      ...(left > 0 && {
        continue: continueToken({ revision, after: last.key }),
        // Like the real server, which cannot count what a selector skips.
        ...(!options.isNarrowed && { remainingItemCount: left }),
      }),
    },
  };
}

function revisionFor({ store }: Api, options: ListOptions): number {
  const { continuation, resourceVersion = 0, match } = options;
  if (continuation) return continuation.revision ?? store.revision;
  if (resourceVersion > store.revision) throw tooNew(resourceVersion, store);
  return match === 'Exact' ? resourceVersion : store.revision;
}

function entriesAt(
  { store, faults }: Api,
  type: ResourceType,
  namespace: string | undefined,
  { continuation }: ListOptions,
  revision: number,
): readonly Entry[] {
  if (continuation?.revision !== undefined) faults.mustHaveHistory();
  const entries = store.listAt(type.collection, revision, namespace);
  if (entries) return entries;
  if (!continuation) {
    throw expired('The resourceVersion for the provided list is too old.');
  }
  throw expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    {
      continue: continueToken({
        revision: undefined,
        after: continuation.after,
      }),
    },
  );
}

function tooNew(wanted: number, { revision }: Api['store']): ApiError {
  const message = `Too large resource version: ${wanted}, current: ${revision}`;
  return new ApiError(504, 'Timeout', `Timeout: ${message}`, {
    causes: [
      {
        reason: 'ResourceVersionTooLarge',
        message: 'Too large resource version',
      },
    ],
    retryAfterSeconds: 1,
  });
}
