// SPDX-License-Identifier: Apache-2.0

/** A path of the API that names a resource. */
export interface ResourcePath {
  /** `v1` or `apps/v1`. */
  readonly apiVersion: string;
  readonly group: string;
  readonly namespace?: string;
  readonly resource: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** Parts of a path that name group and version, by its first part. */
const GROUP_PARTS: Readonly<Record<string, number | undefined>> = {
  api: 2,
  apis: 3,
};

/**
 * Reads `/api/v1/…` and `/apis/GROUP/VERSION/…`.
 *
 * @returns `undefined` for paths that name no resource.
 */
export function parsePath(pathname: string): ResourcePath | undefined {
  const parts = pathname.split('/').filter(Boolean).map(decode);
  const groupParts = GROUP_PARTS[parts[0]];
  if (groupParts === undefined || parts.length <= groupParts) return undefined;
  const apiVersion = parts.slice(1, groupParts).join('/');
  const group = groupParts === 3 ? parts[1] : '';
  const rest = parts.slice(groupParts);
  const isInNamespace =
    rest[0] === 'namespaces' &&
    rest.length > 2 &&
    !['status', 'finalize'].includes(rest[2]);
  const namespace = isInNamespace ? rest[1] : undefined;
  const [resource, name, ...subresource] = isInNamespace ? rest.slice(2) : rest;
  return {
    apiVersion,
    group,
    resource,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(subresource.length > 0 && { subresource: subresource.join('/') }),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}

/** The verb of a request, as authorisation and faults call it. */
export function verbOf(
  method: string,
  path: ResourcePath,
  query: URLSearchParams,
): string {
  const isCollection = path.name === undefined;
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (!isCollection) return 'get';
      return isTrue(query.get('watch')) ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return isCollection ? 'deletecollection' : 'delete';
    default:
      return method.toLowerCase();
  }
}

/** Whether a flag of a query is set: `true`, `1`, or there without a value. */
export function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1' || value === '';
}
