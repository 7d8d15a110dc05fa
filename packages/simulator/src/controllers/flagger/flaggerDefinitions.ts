// SPDX-License-Identifier: Apache-2.0
import type { KubernetesObject, Resource } from '../runtime/resources';
import {
  canaries,
  httpRoutes,
  metricTemplates,
  traefikServices,
} from './flaggerObjects';

type Schema = object;

/** Everything below is taken as it is; Flagger itself says what it can not read. */
const anything: Schema = {
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
};
const name: Schema = { type: 'string', minLength: 1 };
const reference = (kinds?: readonly string[]): Schema => ({
  type: 'object',
  required: ['kind', 'name'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string', ...(kinds ? { enum: kinds } : {}) },
    name,
  },
});
const weight: Schema = { type: 'integer', minimum: 0, maximum: 100 };
const duration: Schema = { type: 'string', pattern: '^[0-9]+(m|s)' };
const count: Schema = { type: 'integer' };

const webhook: Schema = {
  ...anything,
  required: ['name', 'url'],
  properties: {
    name,
    type: {
      type: 'string',
      enum: [
        '',
        'confirm-rollout',
        'pre-rollout',
        'rollout',
        'confirm-promotion',
        'post-rollout',
        'event',
        'rollback',
        'confirm-traffic-increase',
      ],
    },
    url: { type: 'string', format: 'url' },
    timeout: duration,
    metadata: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

const canarySchema: Schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      ...anything,
      required: ['targetRef', 'service'],
      properties: {
        provider: { type: 'string' },
        metricsServer: { type: 'string' },
        progressDeadlineSeconds: { type: 'number' },
        suspend: { type: 'boolean' },
        skipAnalysis: { type: 'boolean' },
        targetRef: reference(['DaemonSet', 'Deployment', 'Service']),
        service: {
          ...anything,
          required: ['port'],
          properties: { name: { type: 'string' }, port: { type: 'number' } },
        },
        analysis: {
          ...anything,
          properties: {
            interval: duration,
            threshold: { type: 'number' },
            iterations: { type: 'number' },
            maxWeight: { type: 'number' },
            stepWeight: { type: 'number' },
            stepWeights: { type: 'array', items: { type: 'number' } },
            stepWeightPromotion: { type: 'number' },
            metrics: {
              type: 'array',
              items: { ...anything, required: ['name'], properties: { name } },
            },
            webhooks: { type: 'array', items: webhook },
          },
        },
      },
    },
    status: {
      ...anything,
      properties: {
        phase: {
          type: 'string',
          enum: [
            '',
            'Initializing',
            'Initialized',
            'Waiting',
            'Progressing',
            'WaitingPromotion',
            'Promoting',
            'Finalising',
            'Succeeded',
            'Failed',
            'Terminating',
            'Terminated',
          ],
        },
        canaryWeight: count,
        failedChecks: count,
        iterations: count,
        lastAppliedSpec: { type: 'string' },
        lastPromotedSpec: { type: 'string' },
        lastTransitionTime: { type: 'string', format: 'date-time' },
        trackedConfigs: anything,
      },
    },
  },
};

const metricTemplateSchema: Schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['provider', 'query'],
      properties: {
        provider: {
          ...anything,
          required: ['type'],
          properties: {
            type: { type: 'string' },
            address: { type: 'string' },
          },
        },
        query: { type: 'string' },
      },
    },
    status: anything,
  },
};

const routeSchema: Schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      ...anything,
      properties: {
        rules: {
          type: 'array',
          items: {
            ...anything,
            properties: {
              backendRefs: {
                type: 'array',
                items: {
                  ...anything,
                  required: ['name'],
                  properties: { name, weight: { type: 'integer', minimum: 0 } },
                },
              },
            },
          },
        },
      },
    },
    status: anything,
  },
};

const traefikSchema: Schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      ...anything,
      properties: {
        weighted: {
          ...anything,
          properties: {
            services: {
              type: 'array',
              items: {
                ...anything,
                required: ['name'],
                properties: { name, weight },
              },
            },
          },
        },
      },
    },
  },
};

const column = (title: string, jsonPath: string, type = 'string') => ({
  name: title,
  type,
  jsonPath,
});

function definition<T extends KubernetesObject>(
  { apiVersion, kind, plural }: Resource<T>,
  schema: Schema,
  columns: readonly object[] = [],
): object {
  const [group, version] = apiVersion.split('/');
  return {
    metadata: {
      name: `${plural}.${group}`,
      // What the API server asks of groups that the Kubernetes project approves.
      ...(group.endsWith('.k8s.io')
        ? {
            annotations: {
              'api-approved.kubernetes.io': 'unapproved, simulated',
            },
          }
        : {}),
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind,
        plural,
        singular: kind.toLowerCase(),
        listKind: `${kind}List`,
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: { status: {} },
          additionalPrinterColumns: [...columns],
        },
      ],
    },
  };
}

/** The custom resources that Flagger needs: its own, and those of the two routers. */
export const flaggerDefinitions: readonly object[] = [
  definition(canaries, canarySchema, [
    column('Status', '.status.phase'),
    column('Weight', '.status.canaryWeight'),
    column('LastTransitionTime', '.status.lastTransitionTime'),
  ]),
  definition(metricTemplates, metricTemplateSchema, [
    column('Provider', '.spec.provider.type'),
  ]),
  definition(httpRoutes, routeSchema),
  definition(traefikServices, traefikSchema),
];
