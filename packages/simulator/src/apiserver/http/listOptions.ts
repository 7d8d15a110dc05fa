// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from '../kinds/ResourceType';
import type { KubeObject } from '../objects';
import { parseFieldSelector } from '../selectors/fieldSelector';
import { parseLabelSelector } from '../selectors/labelSelector';
import { badRequest, forbiddenField, invalid } from '../status';
import type { Cause } from '../status';
import { isTrue } from './path';

/** Where a continued list goes on: after this key of that revision. */
export interface Continuation {
  /** `undefined`: go on in the newest state, after the old one was lost. */
  readonly revision: number | undefined;
  readonly after: string;
}

/** The query of a list or watch, checked. */
export interface ListOptions {
  readonly limit: number | undefined;
  readonly continuation: Continuation | undefined;
  /** `undefined`: the newest; 0: any. */
  readonly resourceVersion: number | undefined;
  readonly match: 'Exact' | 'NotOlderThan' | undefined;
  readonly isNarrowed: boolean;
  selects(object: KubeObject): boolean;
}

/** More of the query that only watches have. */
export interface WatchOptions extends ListOptions {
  readonly allowBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
  readonly timeoutSeconds: number | undefined;
}

/** @throws ApiError 400, 422 */
export function parseListOptions(
  type: ResourceType,
  query: URLSearchParams,
): ListOptions {
  const causes = matchViolations(query, false);
  if (query.has('sendInitialEvents')) {
    const why = 'sendInitialEvents is forbidden for list';
    causes.push(forbiddenField('sendInitialEvents', why));
  }
  if (causes.length > 0) throw invalidOptions(causes);
  return options(type, query);
}

/** @throws ApiError 400, 422 */
export function parseWatchOptions(
  type: ResourceType,
  query: URLSearchParams,
): WatchOptions {
  const causes = matchViolations(query, true);
  if (causes.length > 0) throw invalidOptions(causes);
  const initial = query.get('sendInitialEvents');
  const timeout = query.get('timeoutSeconds');
  return {
    ...options(type, query),
    allowBookmarks: isTrue(query.get('allowWatchBookmarks') ?? 'false'),
    sendInitialEvents: initial === null ? undefined : isTrue(initial),
    timeoutSeconds: timeout ? Number(timeout) : undefined,
  };
}

/** The opaque `continue` token. */
export function continueToken({ revision, after }: Continuation): string {
  const token = { v: 'meta.k8s.io/v1', rv: revision ?? -1, start: after };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function options(type: ResourceType, query: URLSearchParams): ListOptions {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const hasLabels = parseLabelSelector(labels);
  const hasFields = parseFieldSelector(fields, type.selectableFields);
  const limit = Number(query.get('limit') ?? 0);
  const resourceVersion = versionOf(query.get('resourceVersion'));
  const continuation = parseContinue(query.get('continue'));
  if (continuation && resourceVersion) {
    throw badRequest(
      'specifying resource version is not allowed when using continue',
    );
  }
  return {
    limit: limit > 0 ? limit : undefined,
    continuation,
    resourceVersion,
    match: matchOf(query, limit, resourceVersion),
    isNarrowed: labels !== '' || fields !== '',
    selects: object =>
      hasFields(object) && hasLabels(object.metadata.labels ?? {}),
  };
}

function matchOf(
  query: URLSearchParams,
  limit: number,
  resourceVersion: number | undefined,
): ListOptions['match'] {
  if (query.get('resourceVersionMatch') === 'Exact') return 'Exact';
  // A limited list at a version has always meant exactly that version.
  const isUnset = !query.get('resourceVersionMatch');
  return isUnset && limit > 0 && resourceVersion ? 'Exact' : 'NotOlderThan';
}

/** @throws ApiError 400 for what is no version. */
export function versionOf(text: string | null): number | undefined {
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw badRequest(
    `Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`,
  );
}

function parseContinue(token: string | null): Continuation | undefined {
  if (!token) return undefined;
  try {
    const parsed: unknown = JSON.parse(
      Buffer.from(token, 'base64url').toString('utf8'),
    );
    if (isToken(parsed)) {
      const revision = parsed.rv > 0 ? parsed.rv : undefined;
      return { revision, after: parsed.start };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw badRequest('continue key is not valid');
}

function isToken(value: unknown): value is { rv: number; start: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'rv' in value &&
    typeof value.rv === 'number' &&
    'start' in value &&
    typeof value.start === 'string'
  );
}

/** Which combinations of options the API forbids. */
function matchViolations(query: URLSearchParams, isWatch: boolean): Cause[] {
  const match = query.get('resourceVersionMatch');
  const initial = query.has('sendInitialEvents');
  const causes: Cause[] = [];
  const forbid = (why: string) =>
    causes.push(forbiddenField('resourceVersionMatch', why));
  if (isWatch && initial && match !== 'NotOlderThan') {
    forbid(
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  }
  if (!match) return causes;
  if (isWatch && !initial) {
    forbid(
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  }
  if (!isWatch && !query.get('resourceVersion')) {
    forbid(
      'resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
  }
  if (query.get('continue')) {
    forbid('resourceVersionMatch is forbidden when continue is provided');
  }
  if (!['Exact', 'NotOlderThan'].includes(match)) {
    causes.push({
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan"`,
      field: 'resourceVersionMatch',
    });
  }
  if (match === 'Exact' && query.get('resourceVersion') === '0') {
    forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  return causes;
}

function invalidOptions(causes: readonly Cause[]) {
  return invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes);
}
