// SPDX-License-Identifier: Apache-2.0
import { InventoryEntry } from './fluxObjects';
import type { Manifest, Rendering } from './Renderer';

/** What an inventory entry stands for. */
export interface ObjectIdentity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

function groupAndVersion(apiVersion: string): {
  group: string;
  version: string;
} {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : {
        group: apiVersion.slice(0, slash),
        version: apiVersion.slice(slash + 1),
      };
}

/** The inventory entry of an object. */
export function entryOf({
  apiVersion,
  kind,
  namespace,
  name,
}: ObjectIdentity): InventoryEntry {
  const { group, version } = groupAndVersion(apiVersion);
  return {
    id: `${namespace ?? ''}_${name.replace(/:/g, '__')}_${group}_${kind}`,
    v: version,
  };
}

/** What an inventory entry stands for; undefined for one that cannot be read. */
export function identityOf({
  id,
  v,
}: InventoryEntry): ObjectIdentity | undefined {
  const match = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/.exec(id);
  if (!match) return undefined;
  const [, namespace, name, group, kind] = match;
  return {
    apiVersion: group ? `${group}/${v}` : v,
    kind,
    ...(namespace ? { namespace } : {}),
    name: name.replace(/__/g, ':'),
  };
}

/** `Deployment/sorting/parcel-vision`, as Flux names objects to people. */
export function subjectName({ kind, namespace, name }: ObjectIdentity): string {
  return [kind, namespace, name].filter(Boolean).join('/');
}

/** The identity of a manifest. */
export function manifestIdentity({
  apiVersion,
  kind,
  metadata,
}: Manifest): ObjectIdentity {
  return {
    apiVersion,
    kind,
    namespace: metadata.namespace,
    name: metadata.name,
  };
}

const early = [
  'Namespace',
  'CustomResourceDefinition',
  'ServiceAccount',
  'Secret',
  'ConfigMap',
];

/** What others need first comes first, the rest by kind and name. */
export function applyOrder(a: Manifest, b: Manifest): number {
  const rank = ({ kind }: Manifest) =>
    early.includes(kind) ? early.indexOf(kind) : early.length;
  const name = (manifest: Manifest) => subjectName(manifestIdentity(manifest));
  return rank(a) - rank(b) || (name(a) < name(b) ? -1 : 1);
}

/** The inventory of a rendering, in the order the real controller keeps. */
export function inventoryOf({
  manifests,
}: Rendering): readonly InventoryEntry[] {
  return manifests
    .map(manifest => entryOf(manifestIdentity(manifest)))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
