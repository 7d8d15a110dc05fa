// SPDX-License-Identifier: Apache-2.0
import type { JsonObject } from '../objects';
import { ApiError, expired } from '../status';
import type { Entry, State } from '../store/Store';
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
  const { type, query, response } = incoming;
  const page = readPage(incoming, parseListOptions(type, query));
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
  incoming: ResourceRequest,
  options: ListOptions,
): Page {
  const { limit = Infinity, isNarrowed } = options;
  const revision = revisionFor(incoming.api, options);
  const state = stateFor(incoming, options, revision);
  const matching: Entry[] = [];
  let passed = 0;
  let isMore = false;
  for (const entry of state.entries()) {
    if (!isNarrowed || options.selects(entry.object)) {
      isMore = matching.length === limit;
      if (isMore) break;
      matching.push(entry);
    }
    passed += 1;
  }
  const last = matching[matching.length - 1];
  return {
    entries: matching,
    metadata: {
      resourceVersion: String(revision),
      ...(isMore && {
        continue: continueToken({ revision, after: last.key }),
        // Like the real server, which cannot count what a selector skips.
        ...(!isNarrowed && { remainingItemCount: state.size - passed }),
      }),
    },
  };
}

function revisionFor({ store }: Api, options: ListOptions): number {
  const { continuation, resourceVersion = 0, match } = options;
  if (continuation) return continuation.revision ?? store.revision;
  mustExist(resourceVersion, store);
  return match === 'Exact' ? resourceVersion : store.revision;
}

function stateFor(
  { api, type, namespace, target }: ResourceRequest,
  { continuation }: ListOptions,
  revision: number,
): State {
  const { store, faults } = api;
  if (continuation?.revision !== undefined || revision < store.revision) {
    faults.mustHaveHistory(target);
  }
  const { after } = continuation ?? {};
  const state = store.stateAt(type.collection, revision, namespace, after);
  if (state) return state;
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

/** @throws ApiError 504 for a version that does not exist yet. */
export function mustExist(
  wanted: number | undefined,
  { revision }: Api['store'],
): void {
  if (wanted === undefined || wanted <= revision) return;
  const message = `Too large resource version: ${wanted}, current: ${revision}`;
  throw new ApiError(504, 'Timeout', `Timeout: ${message}`, {
    causes: [
      {
        reason: 'ResourceVersionTooLarge',
        message: 'Too large resource version',
      },
    ],
    retryAfterSeconds: 1,
  });
}
