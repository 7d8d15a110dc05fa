// SPDX-License-Identifier: Apache-2.0
import { listAt, objectAt, textAt } from '../objects';
import type { KubeObject } from '../objects';
import { labelSelectorText } from '../selectors/labelSelector';
import {
  ageColumn,
  column,
  nameColumn,
  numberColumn,
  textColumn,
} from '../table/columns';
import { defineKind } from './defineKind';
import { DISRUPTION_BUDGETS } from './eviction';
import type { ResourceType } from './ResourceType';

const withStatus = { statusSubresource: true, counted: true } as const;

/** Autoscaling, networking, disruption budgets and leases. */
export const policyKinds: readonly ResourceType[] = [
  defineKind({
    ...withStatus,
    group: 'autoscaling',
    version: 'v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    shortNames: ['hpa'],
    categories: ['all'],
    columns: [
      nameColumn,
      column('Reference', object => {
        const target = objectAt(object, 'spec', 'scaleTargetRef');
        return `${target.kind ?? ''}/${target.name ?? ''}`;
      }),
      textColumn('MinPods', 'spec.minReplicas', '<unset>'),
      numberColumn('MaxPods', 'spec.maxReplicas'),
      numberColumn('Replicas', 'status.currentReplicas'),
      ageColumn,
    ],
    defaults: object => ({
      ...object,
      spec: { minReplicas: 1, ...objectAt(object, 'spec') },
    }),
  }),
  defineKind({
    ...withStatus,
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'Ingress',
    plural: 'ingresses',
    shortNames: ['ing'],
    columns: [
      nameColumn,
      textColumn('Class', 'spec.ingressClassName', '<none>'),
      column('Hosts', hosts),
      column('Address', object =>
        listAt(object, 'status', 'loadBalancer', 'ingress')
          .map(one => textAt(one, 'ip') || textAt(one, 'hostname'))
          .join(','),
      ),
      column('Ports', object =>
        listAt(object, 'spec', 'tls').length > 0 ? '80, 443' : '80',
      ),
      ageColumn,
    ],
    atCreation: object => ({ ...object, status: { loadBalancer: {} } }),
  }),
  defineKind({
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    shortNames: ['netpol'],
    counted: true,
    columns: [
      nameColumn,
      column(
        'Pod-Selector',
        object =>
          labelSelectorText(objectAt(object, 'spec', 'podSelector')) ||
          '<none>',
      ),
      ageColumn,
    ],
  }),
  defineKind({
    ...withStatus,
    group: 'policy',
    version: 'v1',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    collection: DISRUPTION_BUDGETS,
    unconditionalUpdate: false,
    columns: [
      nameColumn,
      textColumn('Min Available', 'spec.minAvailable', 'N/A'),
      textColumn('Max Unavailable', 'spec.maxUnavailable', 'N/A'),
      numberColumn('Allowed Disruptions', 'status.disruptionsAllowed'),
      ageColumn,
    ],
    atCreation: object => ({
      ...object,
      status: {
        currentHealthy: 0,
        desiredHealthy: 0,
        disruptionsAllowed: 0,
        expectedPods: 0,
      },
    }),
  }),
  defineKind({
    group: 'coordination.k8s.io',
    version: 'v1',
    kind: 'Lease',
    plural: 'leases',
    createOnUpdate: true,
    unconditionalUpdate: false,
    columns: [
      nameColumn,
      textColumn('Holder', 'spec.holderIdentity'),
      ageColumn,
    ],
  }),
];

function hosts(object: KubeObject): string {
  const named = listAt(object, 'spec', 'rules').map(
    rule => textAt(rule, 'host') || '*',
  );
  return named.join(',') || '*';
}
