// SPDX-License-Identifier: Apache-2.0
import {
  ColumnSource,
  conditions,
  definition,
  flag,
  integer,
  list,
  object,
  Schema,
  text,
} from '../runtime/definitions';
import { gitRepositories, kustomizations } from './fluxObjects';

export { customResourceDefinitions } from '../runtime/definitions';

const duration: Schema = {
  type: 'string',
  pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$',
};
const reference = object({ name: text, namespace: text }, ['name']);
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
      healthCheckExprs: list(
        object(
          {
            apiVersion: text,
            kind: text,
            current: text,
            inProgress: text,
            failed: text,
          },
          ['apiVersion', 'kind', 'current'],
        ),
      ),
      postBuild: object({
        substitute: { type: 'object', additionalProperties: text },
        substituteFrom: list(
          object(
            {
              kind: { type: 'string', enum: ['ConfigMap', 'Secret'] },
              name: text,
              optional: flag,
            },
            ['kind', 'name'],
          ),
        ),
      }),
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

const columns: readonly ColumnSource[] = [
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  { name: 'Ready', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  {
    name: 'Status',
    jsonPath: '.status.conditions[?(@.type=="Ready")].message',
  },
];

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
