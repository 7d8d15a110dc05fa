// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from '../kinds/ResourceType';
import { isJsonObject } from '../objects';
import type { Json, JsonObject } from '../objects';
import { ApiError, badRequest, unsupportedMediaType } from '../status';
import { applyJsonPatch, PatchFailed } from './jsonPatch';
import { applyMergePatch } from './mergePatch';
import { applyStrategicMergePatch } from './strategicMergePatch';

/** Applies one patch to an object and returns the result. */
export type Patch = (target: JsonObject) => JsonObject;

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/**
 * The patch in a body, by its media type. The returned function throws
 * `ApiError` 422 for an object the patch does not fit, 400 for a broken patch.
 *
 * @throws ApiError 415 for media types the kind does not take, 400 for a body
 *   that is no patch.
 */
export function patchOf(
  mediaType: string,
  body: Json,
  { mergeSchema }: ResourceType,
): Patch {
  switch (mediaType) {
    case JSON_PATCH:
      return withStatus(target => applyJsonPatch(target, body));
    case MERGE_PATCH:
      return withStatus(target => applyMergePatch(target, objectIn(body)));
    case STRATEGIC:
      if (!mergeSchema) break;
      return withStatus(target =>
        applyStrategicMergePatch(target, objectIn(body), mergeSchema),
      );
    case APPLY:
      throw unsupportedMediaType(
        'server-side apply is not offered by this simulated API server; use client-side apply, a merge patch or a JSON patch',
      );
    default:
  }
  const accepted = [
    JSON_PATCH,
    MERGE_PATCH,
    ...(mergeSchema ? [STRATEGIC] : []),
  ];
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(
      ', ',
    )}`,
  );
}

function objectIn(body: Json): JsonObject {
  if (isJsonObject(body)) return body;
  throw badRequest('a merge patch is an object');
}

function withStatus(apply: Patch): Patch {
  return target => {
    try {
      return apply(target);
    } catch (error) {
      if (!(error instanceof PatchFailed)) throw error;
      if (error.kind === 'malformed') throw badRequest(error.message);
      throw new ApiError(
        422,
        'Invalid',
        'the server rejected our request due to an error in our request',
        {
          causes: [
            { reason: 'UnexpectedServerResponse', message: error.message },
          ],
        },
      );
    }
  };
}
