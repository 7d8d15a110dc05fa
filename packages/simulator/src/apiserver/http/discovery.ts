// SPDX-License-Identifier: Apache-2.0
import type { ResourceTable } from '../kinds/ResourceTable';
import type { ResourceType } from '../kinds/ResourceType';
import { apiVersionOf } from '../kinds/ResourceType';
import type { JsonObject } from '../objects';

/** What `GET /version` answers. */
export const VERSION: JsonObject = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3+simulated',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: 'linux/amd64',
};

/**
 * The document of a discovery path: `/api`, `/apis`, `/apis/GROUP`, `/api/v1`
 * and `/apis/GROUP/VERSION`; `undefined` for any other.
 */
export function discoveryDocument(
  pathname: string,
  table: ResourceTable,
): JsonObject | undefined {
  const [root, ...rest] = pathname.split('/').filter(Boolean);
  if (root === 'api' && rest.length === 0) {
    return { kind: 'APIVersions', versions: ['v1'] };
  }
  if (root === 'api' && rest.length === 1) return resources(rest[0], table);
  if (root !== 'apis') return undefined;
  if (rest.length === 0) {
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groups(table),
    };
  }
  if (rest.length === 1) {
    const group = groups(table).find(({ name }) => name === rest[0]);
    return group && { kind: 'APIGroup', apiVersion: 'v1', ...group };
  }
  return rest.length === 2 ? resources(rest.join('/'), table) : undefined;
}

function groups(table: ResourceTable): JsonObject[] {
  const versions = new Map<string, Set<string>>();
  for (const { group, version } of table.all()) {
    if (group === '') continue;
    versions.set(group, (versions.get(group) ?? new Set()).add(version));
  }
  return [...versions].map(([name, served]) => {
    const sorted = [...served].sort(byMaturity).map(version => ({
      groupVersion: `${name}/${version}`,
      version,
    }));
    return { name, versions: sorted, preferredVersion: sorted[0] };
  });
}

/** `v2` before `v1` before `v1beta2` before `v1beta1` before `v1alpha1`. */
function byMaturity(a: string, b: string): number {
  const rank = (version: string): readonly number[] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (!match) return [0, 0, 0];
    const stage = ['alpha', 'beta', undefined].indexOf(match[2]);
    return [stage + 1, Number(match[1]), Number(match[3] ?? 0)];
  };
  const [left, right] = [rank(a), rank(b)];
  const index = left.findIndex((value, at) => value !== right[at]);
  return index < 0 ? 0 : right[index] - left[index];
}

function resources(
  apiVersion: string,
  table: ResourceTable,
): JsonObject | undefined {
  const types = table.all().filter(type => apiVersionOf(type) === apiVersion);
  if (types.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersion,
    resources: types.flatMap(type => [resource(type), ...subresourcesOf(type)]),
  };
}

function resource(type: ResourceType): JsonObject {
  return {
    name: type.plural,
    singularName: type.singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: [...type.verbs],
    ...(type.shortNames.length > 0 && { shortNames: [...type.shortNames] }),
    ...(type.categories?.length && { categories: [...type.categories] }),
  };
}

function subresourcesOf(type: ResourceType): JsonObject[] {
  const { plural, namespaced, kind } = type;
  const entry = (name: string, of: string, verbs: readonly string[]) => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    kind: of,
    verbs: [...verbs],
  });
  const written = ['get', 'patch', 'update'];
  return [
    ...(type.statusSubresource ? [entry('status', kind, written)] : []),
    ...(type.scale
      ? [
          {
            ...entry('scale', 'Scale', written),
            group: 'autoscaling',
            version: 'v1',
          },
        ]
      : []),
    ...Object.entries(type.subresources).map(([name, handler]) => ({
      ...entry(name, handler.kind, handler.verbs),
      ...(handler.group && { group: handler.group, version: handler.version }),
    })),
  ];
}
