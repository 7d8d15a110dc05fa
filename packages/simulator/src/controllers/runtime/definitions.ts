// SPDX-License-Identifier: Apache-2.0
import { KubernetesObject, Resource } from './resources';

/** How custom kinds are told to a cluster. */
export const customResourceDefinitions: Resource = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

/** An OpenAPI schema as custom kinds have it. */
export type Schema = object;

export const text: Schema = { type: 'string' };
export const flag: Schema = { type: 'boolean' };
export const integer: Schema = { type: 'integer', format: 'int64' };
/** Any text by key. */
export const textMap: Schema = { type: 'object', additionalProperties: text };
/** An object nobody looks into. */
export const anything: Schema = {
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
};

/** An object with these fields. */
export function object(
  properties: Record<string, Schema>,
  required: readonly string[] = [],
): Schema {
  return {
    type: 'object',
    properties,
    ...(required.length > 0 ? { required } : {}),
  };
}

/** A list of these. */
export function list(items: Schema): Schema {
  return { type: 'array', items };
}

/** One of these words. */
export function oneOf(...words: readonly string[]): Schema {
  return { type: 'string', enum: words };
}

/** The conditions of a status. */
export const conditions = list(
  object(
    {
      type: text,
      status: oneOf('True', 'False', 'Unknown'),
      reason: text,
      message: text,
      observedGeneration: integer,
      lastTransitionTime: { type: 'string', format: 'date-time' },
    },
    ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
  ),
);

/** A column of `kubectl get`. */
export interface ColumnSource {
  readonly name: string;
  readonly jsonPath: string;
  readonly type?: string;
  readonly priority?: number;
}

/** What a custom kind looks like. */
export interface KindSettings {
  readonly shortNames?: readonly string[];
  readonly schema: Schema;
  readonly columns?: readonly ColumnSource[];
  /** Whether the status is a subresource of its own. Default true. */
  readonly statusSubresource?: boolean;
}

/** The definition of a custom kind with one version, which is served and stored. */
export function definition<T extends KubernetesObject>(
  { apiVersion, kind, plural, namespaced }: Resource<T>,
  {
    shortNames = [],
    schema,
    columns = [],
    statusSubresource = true,
  }: KindSettings,
): object {
  const [group, version] = apiVersion.split('/');
  return {
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames,
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: statusSubresource ? { status: {} } : {},
          schema: { openAPIV3Schema: schema },
          additionalPrinterColumns: columns.map(column => ({
            type: 'string',
            ...column,
          })),
        },
      ],
    },
  };
}
