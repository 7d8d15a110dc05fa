// SPDX-License-Identifier: Apache-2.0
import { KubernetesObject, Resource } from '../runtime/resources';
import { gitRepositories, kustomizations } from './fluxObjects';

export const customResourceDefinitions: Resource = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

type Schema = object;

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const duration: Schema = {
  type: 'string',
  pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$',
};
const integer: Schema = { type: 'integer', format: 'int64' };

function object(
  properties: Record<string, Schema>,
  required: readonly string[] = [],
): Schema {
  return {
    type: 'object',
    properties,
    ...(required.length > 0 ? { required } : {}),
  };
}

function list(items: Schema): Schema {
  return { type: 'array', items };
}

const reference = object({ name: text, namespace: text }, ['name']);
const conditions = list(
  object(
    {
      type: text,
      status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
      reason: text,
      message: text,
      observedGeneration: integer,
      lastTransitionTime: { type: 'string', format: 'date-time' },
    },
    ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
  ),
);
/** Before its first look the controller has seen nothing. */
const unseen = { observedGeneration: -1 };

const gitRepositorySchema = object({
  spec: object(
    {
      url: { type: 'string', pattern: '^(http|https)://.*$' },
      interval: duration,
      timeout: { ...duration, default: '60s' },
      suspend: flag,
      ref: object({ branch: text, tag: text, commit: text }),
      secretRef: object({ name: text }, ['name']),
    },
    ['url', 'interval'],
  ),
  status: {
    ...object({
      observedGeneration: integer,
      conditions,
      lastHandledReconcileAt: text,
      artifact: object(
        {
          digest: text,
          lastUpdateTime: text,
          path: text,
          revision: text,
          size: integer,
          url: text,
        },
        ['lastUpdateTime', 'path', 'revision', 'url'],
      ),
    }),
    default: unseen,
  },
});

const kustomizationSchema = object({
  spec: object(
    {
      interval: duration,
      retryInterval: duration,
      timeout: duration,
      path: text,
      prune: flag,
      wait: flag,
      suspend: flag,
      sourceRef: object(
        {
          kind: { type: 'string', enum: ['GitRepository'] },
          name: text,
          namespace: text,
        },
        ['kind', 'name'],
      ),
      dependsOn: list(reference),
      healthChecks: list(
        object({ apiVersion: text, kind: text, name: text, namespace: text }, [
          'kind',
          'name',
        ]),
      ),
    },
    ['interval', 'prune', 'sourceRef'],
  ),
  status: {
    ...object({
      observedGeneration: integer,
      conditions,
      lastAppliedRevision: text,
      lastAttemptedRevision: text,
      lastHandledReconcileAt: text,
      inventory: object(
        { entries: list(object({ id: text, v: text }, ['id', 'v'])) },
        ['entries'],
      ),
      history: list(
        object({
          digest: text,
          firstReconciled: text,
          lastReconciled: text,
          lastReconciledDuration: text,
          lastReconciledStatus: text,
          totalReconciliations: integer,
          metadata: { type: 'object', additionalProperties: text },
        }),
      ),
    }),
    default: unseen,
  },
});

interface ColumnSource {
  readonly name: string;
  readonly jsonPath: string;
  readonly type?: string;
  readonly priority?: number;
}

const columns: readonly ColumnSource[] = [
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  { name: 'Ready', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  {
    name: 'Status',
    jsonPath: '.status.conditions[?(@.type=="Ready")].message',
  },
];

function definition<T extends KubernetesObject>(
  { apiVersion, kind, plural }: Resource<T>,
  options: {
    readonly shortNames: readonly string[];
    readonly schema: Schema;
    readonly columns: readonly ColumnSource[];
  },
): object {
  const [group, version] = apiVersion.split('/');
  return {
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames: options.shortNames,
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: options.schema },
          additionalPrinterColumns: options.columns.map(column => ({
            type: 'string',
            ...column,
          })),
        },
      ],
    },
  };
}

/**
 * The kinds of Flux that the simulator plays, with the fields it understands.
 * Fields of the real kinds that are missing here are pruned by the server, so a
 * manifest that uses them is not misread, only not obeyed.
 */
export const fluxDefinitions: readonly object[] = [
  definition(gitRepositories, {
    shortNames: ['gitrepo'],
    schema: gitRepositorySchema,
    columns: [{ name: 'URL', jsonPath: '.spec.url' }, ...columns],
  }),
  definition(kustomizations, {
    shortNames: ['ks'],
    schema: kustomizationSchema,
    columns,
  }),
];
