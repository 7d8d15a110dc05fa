// SPDX-License-Identifier: Apache-2.0
import type { ObservedIdentity } from '@causeway/plugin-delivery-common';
import type { WatchedKind } from '@causeway/plugin-delivery-node';
import {
  failed,
  type Answer,
  type ClusterTransport,
  type TransportFailure,
  type WatchSign,
} from './ClusterTransport';
import type { Change, Resume } from './snapshot';
import { resourceVersionOf } from './trim';

/** What listening to a kind brings: changes, and at most one failure, which is the last. */
export type Heard<T> =
  | { readonly type: 'change'; readonly change: Change<T> }
  | { readonly type: 'failed'; readonly failure: TransportFailure };

/** Bounds of a list. */
export interface ListLimits {
  /** Objects a page. */
  readonly page: number;
  /** Objects of one kind in one cluster that are kept in memory. */
  readonly objects: number;
}

/**
 * Everything that a cluster says about a kind from `resume` on: a list in pages unless a version to
 * go on from is known, then a watch. Ends when the watch ends in order, or after one failure.
 * A partly read list is thrown away: half a list looks like deletions.
 */
export async function* changes<T extends ObservedIdentity>(
  transport: ClusterTransport,
  kind: WatchedKind<T>,
  resume: Resume,
  limits: ListLimits,
  signal: AbortSignal,
): AsyncGenerator<Heard<T>, void, undefined> {
  let version: string;
  if (resume.from === 'list') {
    const listed = await listAll(transport, kind, limits, signal);
    if (!listed.ok) return yield { type: 'failed', failure: listed.failure };
    yield { type: 'change', change: listed.value };
    version = listed.value.resourceVersion;
  } else {
    version = resume.resourceVersion;
  }
  const opened = await transport.watch(kind.path, version, signal);
  if (!opened.ok) return yield { type: 'failed', failure: opened.failure };
  yield { type: 'change', change: { type: 'opened' } };
  for await (const sign of opened.value) {
    const heard = understand(kind, sign);
    yield heard;
    if (heard.type === 'failed') return undefined;
  }
  return undefined;
}

async function listAll<T extends ObservedIdentity>(
  transport: ClusterTransport,
  kind: WatchedKind<T>,
  limits: ListLimits,
  signal: AbortSignal,
): Promise<Answer<Extract<Change<T>, { type: 'listed' }>>> {
  const objects: T[] = [];
  let next: string | undefined;
  let resourceVersion: string;
  do {
    const answer = await transport.list(
      kind.path,
      { limit: limits.page, next },
      signal,
    );
    if (!answer.ok) return answer;
    for (const item of answer.value.items) {
      const object = kind.trim(item);
      if (!object) return malformed(kind);
      objects.push(object);
    }
    if (objects.length > limits.objects) return tooMany(kind, limits);
    ({ next, resourceVersion } = answer.value);
  } while (next);
  return { ok: true, value: { type: 'listed', objects, resourceVersion } };
}

function understand<T extends ObservedIdentity>(
  kind: WatchedKind<T>,
  sign: WatchSign,
): Heard<T> {
  if (sign.type === 'failed') return sign;
  if (sign.type === 'bookmark') return { type: 'change', change: sign };
  const object = kind.trim(sign.object);
  const resourceVersion = resourceVersionOf(sign.object);
  if (!object || resourceVersion === undefined) {
    return { type: 'failed', failure: malformed(kind).failure };
  }
  const type = sign.type === 'deleted' ? 'deleted' : 'stored';
  return { type: 'change', change: { type, object, resourceVersion } };
}

function malformed(kind: { readonly name: string }) {
  return failed(
    'malformed',
    `The cluster sent an object that is no ${kind.name}.`,
  );
}

function tooMany(kind: { readonly name: string }, limits: ListLimits) {
  return failed(
    'failing',
    `The cluster has more than ${limits.objects} ${kind.name}. Raise delivery.clusters.maximumObjects to watch it.`,
  );
}
