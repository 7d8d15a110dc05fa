// SPDX-License-Identifier: Apache-2.0

/** An entry of `metadata.ownerReferences`. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Text by key, as labels and annotations are kept. */
export type StringMap = Readonly<Record<string, string>>;

/** `metadata` of an object that the server has stored. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

/** Any stored object. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
}

/** A condition of a status. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
  readonly lastUpdateTime?: string;
  readonly lastHeartbeatTime?: string;
  readonly observedGeneration?: number;
}

/** A kind of the API and where it is served. The type parameter is the object's shape. */
export interface Resource<T extends KubernetesObject = KubernetesObject> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never set; carries the type of the objects. */
  readonly shape?: T;
}

/** Name and, for namespaced kinds, namespace of an object. */
export interface ObjectName {
  readonly namespace?: string;
  readonly name: string;
}

/** `namespace/name`, or the name alone: the key of caches and queues. */
export function keyOf({ namespace, name }: ObjectName): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** The owner that manages an object; undefined when nobody does. */
export function controllerOf(
  object: KubernetesObject,
): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller);
}

/** The condition of a type. */
export function conditionOf(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find(condition => condition.type === type);
}

/** An instant as Kubernetes writes it: UTC, whole seconds. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** An instant with microseconds, as leases and events write it. */
export function microTimestamp(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}

/** Whether labels carry everything a selector's `matchLabels` asks for. */
export function matchesLabels(
  wanted: StringMap | undefined,
  labels: StringMap | undefined,
): boolean {
  return Object.entries(wanted ?? {}).every(
    ([key, value]) => labels?.[key] === value,
  );
}

/** Where the API serves the kinds of a version. */
export function rootPath(apiVersion: string): string {
  return apiVersion.includes('/')
    ? `/apis/${apiVersion}`
    : `/api/${apiVersion}`;
}

/** Where the API serves all objects of a kind, in one namespace or in all. */
export function collectionPath(
  resource: Resource,
  namespace: string | undefined,
): string {
  const scope =
    resource.namespaced && namespace
      ? `/namespaces/${encodeURIComponent(namespace)}`
      : '';
  return `${rootPath(resource.apiVersion)}${scope}/${resource.plural}`;
}

/** Where the API serves one object. */
export function pathOf(
  resource: Resource,
  { namespace, name }: ObjectName,
): string {
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}
