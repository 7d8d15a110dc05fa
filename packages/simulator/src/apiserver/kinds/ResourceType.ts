// SPDX-License-Identifier: Apache-2.0
import type { JsonObject, KubeObject } from '../objects';
import type { MergeSchema } from '../patch/mergeSchema';
import type { SelectableField } from '../selectors/fieldSelector';
import type { Cause } from '../status';
import type { Propagation } from '../writes/DeleteOptions';
import type { SubresourceHandler } from './Subresource';

/** A user as the server knows it after authentication. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** A column of the `Table` form, as `kubectl get` shows it. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description?: string;
  /** 0: always shown; 1: only with `-o wide`. */
  readonly priority?: number;
  value(object: KubeObject, now: Date): string | number | boolean | null;
}

/** Where `scale` finds what it shows and sets. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** The selector as text in the object; left out when it is `spec.selector`. */
  readonly selectorText?: readonly string[];
}

/** What a write needs to know of the moment it happens in. */
export interface WriteContext {
  readonly now: Date;
  readonly user: User;
}

/**
 * Everything the server knows of one kind in one version. The HTTP layer and
 * the store know kinds only through this table.
 */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** Name of the collection; versions of one kind share it. */
  readonly collection: string;
  /** Whether items of lists carry `kind` and `apiVersion`: custom resources do. */
  readonly itemsCarryType: boolean;
  /** Whether `status` is written through its subresource only. */
  readonly statusSubresource: boolean;
  /** Whether a client may set `status` when it creates the object: nodes. */
  readonly statusAtCreation?: boolean;
  /** Whether `metadata.generation` counts changes of anything but metadata and status. */
  readonly counted: boolean;
  readonly scale?: ScalePaths;
  readonly subresources: Readonly<Record<string, SubresourceHandler>>;
  readonly columns: readonly Column[];
  readonly selectableFields: readonly SelectableField[];
  /** Lists merged by key; without it strategic merge patches are refused. */
  readonly mergeSchema?: MergeSchema;
  /** Whether a PUT without `resourceVersion` overwrites. */
  readonly unconditionalUpdate: boolean;
  /** Whether a PUT creates what is not there. */
  readonly createOnUpdate: boolean;
  /** Whether DELETE answers with the object instead of a `Status`. */
  readonly returnsDeletedObject: boolean;
  /** Fills in what a client left out; called on every write. */
  defaults?(object: KubeObject): KubeObject;
  /** Sets what only the server sets at creation. */
  atCreation?(object: KubeObject, context: WriteContext): KubeObject;
  /** What is wrong with a new state; `previous` is the state it replaces. */
  validate?(object: KubeObject, previous?: KubeObject): readonly Cause[];
  /** Seconds that a deletion leaves to the object; 0 removes it at once. */
  gracePeriod?(object: KubeObject, requested: number | undefined): number;
  /** What happens to owned objects unless the client says; `Background`. */
  readonly defaultPropagation?: Propagation;
  /** Changes made to an object whose deletion begins. */
  atDeletion?(object: KubeObject): KubeObject;
  /** Other things than finalizers that keep a deleted object: true keeps it. */
  heldBy?(object: KubeObject): boolean;
  /** How this version differs from the form that is stored. */
  readonly conversion?: {
    toStored(object: KubeObject): KubeObject;
    fromStored(object: KubeObject): KubeObject;
  };
  /** A kind that is asked, not stored: what its `create` answers. */
  review?(body: JsonObject, question: ReviewContext): JsonObject;
}

/** What reviews (`SelfSubjectAccessReview` …) may ask the server. */
export interface ReviewContext {
  readonly user: User;
  readonly namespace: string | undefined;
  isAllowed(user: User, request: AccessRequest): AccessDecision;
  rulesOf(user: User, namespace: string): readonly AccessRule[];
  userOfToken(token: string): User | undefined;
}

/** A rule as `SelfSubjectRulesReview` lists it. */
export interface AccessRule extends JsonObject {
  verbs: string[];
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
}

/** One thing somebody wants to do. */
export interface AccessRequest {
  readonly verb: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** For requests outside of the resources: `/version`. */
  readonly path?: string;
}

export interface AccessDecision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** `v1` or `apps/v1`. */
export function apiVersionOf(type: {
  readonly group: string;
  readonly version: string;
}): string {
  return type.group ? `${type.group}/${type.version}` : type.version;
}
