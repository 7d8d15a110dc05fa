// SPDX-License-Identifier: Apache-2.0
import { listAt, objectAt, sameJson, textAt } from '../objects';
import type { JsonObject, KubeObject } from '../objects';
import { pod } from '../patch/mergeSchema';
import { field } from '../selectors/fieldSelector';
import { forbiddenField, requiredField } from '../status';
import type { Cause } from '../status';
import { podColumns } from '../table/podColumns';
import { binding } from './binding';
import { defineKind } from './defineKind';
import { eviction } from './eviction';
import { podLog } from './podLog';
import { podProxy } from './podProxy';
import { podSpecDefaults } from './podDefaults';

/** Pods: the kind with most rules of its own. */
export const podKind = defineKind({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  statusSubresource: true,
  counted: true,
  returnsDeletedObject: true,
  mergeSchema: pod,
  subresources: { binding, eviction, log: podLog, proxy: podProxy },
  selectableFields: [
    field('spec.nodeName'),
    field('spec.restartPolicy'),
    field('spec.schedulerName'),
    field('spec.serviceAccountName'),
    field('spec.hostNetwork', 'false'),
    field('status.phase'),
    field('status.podIP'),
    field('status.nominatedNodeName'),
  ],
  columns: podColumns,
  defaults: object => ({
    ...object,
    spec: {
      enableServiceLinks: true,
      ...podSpecDefaults({
        serviceAccountName: 'default',
        ...objectAt(object, 'spec'),
      }),
    },
  }),
  atCreation: object => ({
    ...object,
    spec: {
      preemptionPolicy: 'PreemptLowerPriority',
      priority: 0,
      tolerations: [
        evictAfterFiveMinutes('node.kubernetes.io/not-ready'),
        evictAfterFiveMinutes('node.kubernetes.io/unreachable'),
      ],
      ...objectAt(object, 'spec'),
    },
    status: { phase: 'Pending', qosClass: serviceClass(object) },
  }),
  validate: validatePod,
  gracePeriod(object, requested) {
    const wanted =
      requested ??
      Number(textAt(object, 'spec', 'terminationGracePeriodSeconds') || 30);
    const phase = textAt(object, 'status', 'phase');
    const runs =
      textAt(object, 'spec', 'nodeName') !== '' &&
      phase !== 'Failed' &&
      phase !== 'Succeeded';
    return runs ? wanted : 0;
  },
});

function evictAfterFiveMinutes(key: string): JsonObject {
  return {
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  };
}

function serviceClass(object: KubeObject): string {
  const containers = listAt(object, 'spec', 'containers');
  const resources = containers.map(one => objectAt(one, 'resources'));
  if (resources.every(one => !one.limits && !one.requests)) return 'BestEffort';
  const guaranteed = resources.every(
    ({ limits, requests }) =>
      limits !== undefined && sameJson(limits, requests ?? limits),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** Only images, tolerations and deadlines of a pod may be changed. */
function validatePod(
  object: KubeObject,
  previous?: KubeObject,
): readonly Cause[] {
  const containers = listAt(object, 'spec', 'containers');
  if (containers.length === 0) return [requiredField('spec.containers')];
  const causes = containers.flatMap((container, index) =>
    ['name', 'image']
      .filter(name => textAt(container, name) === '')
      .map(name => requiredField(`spec.containers[${index}].${name}`)),
  );
  if (previous && !sameJson(fixedPart(object), fixedPart(previous))) {
    return [
      forbiddenField(
        'spec',
        'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
      ),
    ];
  }
  return causes;
}

function fixedPart(object: KubeObject): JsonObject {
  const spec = objectAt(object, 'spec');
  const withoutImages = (list: string) =>
    listAt(spec, list).map(container => {
      const { image: _image, ...rest } = objectAt(container);
      return rest;
    });
  const {
    tolerations: _tolerations,
    activeDeadlineSeconds: _deadline,
    schedulingGates: _gates,
    ...fixed
  } = spec;
  return {
    ...fixed,
    containers: withoutImages('containers'),
    initContainers: withoutImages('initContainers'),
  };
}
